@echo off
rem Builds and tests swdt on Windows: finds a JDK 25 and Maven, then runs Maven on that JDK.
setlocal
cd /d "%~dp0"
call src\main\dist\lib\jdk.cmd javac || (
    echo error: swdt is built on a JDK 25 or newer, and none was found: install one, for instance Eclipse Temurin 25, or set JAVA_HOME>&2
    exit /b 1
)
where /q mvn || (
    echo error: swdt is built with Maven 3.8 or newer, and there is no mvn on the PATH: install Apache Maven>&2
    exit /b 1
)
set "JAVA_HOME=%java_home%"
set "MAVEN_OPTS=%MAVEN_OPTS% --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED"
set "maven=call mvn -B -ntp -Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
set "tests=%maven% test -Dorg.slf4j.simpleLogger.log.org.apache.maven.plugin.surefire=info"
set "package=%maven% package -Dmaven.test.skip=true -Dspotless.check.skip=true"
if "%~1"=="unit" %tests% -DexcludedGroups=lab & goto end
if "%~1"=="test" %package% && %tests% & goto end
if "%~1"=="package" %package% & goto end
if "%~1"=="format" %maven% spotless:apply & goto end
echo usage: build unit^|test^|package^|format>&2
echo   unit      tests that need no lab hosts (seconds)>&2
echo   test      every test that can run here; lab hosts need Linux>&2
echo   package   the tool as target\swdt\bin\swdt.cmd and target\swdt.zip>&2
echo   format    brings the Java code into the house's format>&2
exit /b 2
:end
exit /b %errorlevel%
