@echo off
rem Runs swdt from the tree; packages it first when that was not done yet or a source is newer.
setlocal
set "tree=%~dp0"
set "tool=%tree%target\swdt\bin\swdt.cmd"
if not exist "%tool%" goto package
rem newer sources: powershell compares the times, nothing in cmd does so safely
powershell -NoProfile -Command "$t = (Get-Item -LiteralPath $env:tool).LastWriteTimeUtc; exit [int][bool](Get-ChildItem -LiteralPath ($env:tree + 'src\main'), ($env:tree + 'src\build'), ($env:tree + 'pom.xml') -Recurse -File | Where-Object LastWriteTimeUtc -gt $t | Select-Object -First 1)" && goto run
:package
echo packaging swdt from %tree% ...>&2
call "%tree%build.cmd" package >&2 || exit /b 1
:run
call "%tool%" %*
exit /b %errorlevel%
