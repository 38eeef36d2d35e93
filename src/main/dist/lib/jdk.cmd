@rem Finds Java 25 or newer and sets java_home to its folder: JAVA_HOME, the usual folders, the java on the PATH.
@rem %1: the program that it must have, java or javac. Ends with 1 if there is none.
@set "java_home="
@if defined JAVA_HOME call :fits "%JAVA_HOME%" %1
@if defined java_home exit /b 0
@for /d %%d in ("%ProgramFiles%\Eclipse Adoptium\jdk-*" "%ProgramFiles%\Microsoft\jdk-*" "%ProgramFiles%\Java\jdk-*" "%ProgramFiles%\OpenJDK\jdk-*") do @call :fits "%%~d" %1
@if defined java_home exit /b 0
@for %%j in (java.exe) do @if not "%%~$PATH:j"=="" for %%k in ("%%~dp$PATH:j..") do @call :fits "%%~fk" %1
@if defined java_home exit /b 0
@exit /b 1

:fits
@if not exist "%~1\bin\%2.exe" exit /b 1
@if not exist "%~1\release" exit /b 1
@findstr /b /r "JAVA_VERSION=.2[5-9] JAVA_VERSION=.[3-9][0-9]" "%~1\release" >nul || exit /b 1
@set "java_home=%~1"
@exit /b 0
