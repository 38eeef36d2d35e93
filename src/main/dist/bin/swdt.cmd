@echo off
rem Starts swdt on Java 25 or newer; the options are explained in the script swdt beside this one.
setlocal
set "lib=%~dp0..\lib"
call "%lib%\jdk.cmd" java || (
    echo error: swdt needs Java 25 or newer, and found none: install it, or set JAVA_HOME>&2
    exit /b 1
)
set "tiers=-XX:TieredStopAtLevel=1"
for %%c in ("cluster create" "cluster destroy" "cluster test") do if "%~1 %~2"==%%c set "tiers="
if "%~1"=="demo" set "tiers="
for %%c in (config version --version) do if "%~1"=="%%c" set "tiers=%tiers% -XX:CompileThresholdScaling=20"
set "cache="
if exist "%lib%\swdt.aot" set "cache=-XX:AOTCache="%lib%\swdt.aot""
"%java_home%\bin\java.exe" %tiers% %cache% -XX:+UseSerialGC -Xlog:disable -Xlog:all=error:stderr -Xlog:aot*=off:stderr -Xlog:cds*=off:stderr -jar "%lib%\swdt.jar" %*
exit /b %errorlevel%
