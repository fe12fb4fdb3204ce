<# : batch portion
@rem PowerShell, to which the line above opens a comment, decides what to run; then this part runs it.
@rem Runs Maven on this project: an installed one of at least 3.8.6, else the release that
@rem .mvn\wrapper\maven-wrapper.properties pins, downloaded once into %USERPROFILE%\.m2\wrapper\dists.
@rem First it makes sure that a JDK 25 is there for the compiler and the tests; Maven itself may run on 17 or newer.
@setlocal
@set "MVNW_SELF=%~f0"
@set "MVNW_MAVEN="
@for /f "usebackq tokens=1* delims==" %%a in (`powershell -NoProfile -Command "Invoke-Command -NoNewScope ([scriptblock]::Create((Get-Content -Raw -LiteralPath $env:MVNW_SELF)))"`) do @set "%%a=%%b"
@if "%MVNW_MAVEN%"=="" exit /b 1
@"%MVNW_MAVEN%" %*
@exit /b
#>
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue' # a progress bar makes the download many times slower

function Stop-Wrapper([string] $message) {
    [Console]::Error.WriteLine("mvnw: $message")
    exit 1
}

# The Java major version of a home, from its release file.
function Get-Major([string] $jdk) {
    $release = "$jdk\release"
    if ($jdk -and (Test-Path -LiteralPath $release) -and ((Get-Content -Raw -LiteralPath $release) -match 'JAVA_VERSION="?(\d+)')) {
        return [int] $Matches[1]
    }
    return 0
}

# Where maven-toolchains-plugin looks for JDKs.
function Get-Candidates {
    $env:JAVA_HOME
    Get-ChildItem Env: | Where-Object Name -Match '^(JAVA|JDK).*_HOME$' | ForEach-Object Value
    $java = Get-Command java.exe -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if ($java) { Split-Path (Split-Path $java.Source) }
    $toolchains = "$HOME\.m2\toolchains.xml"
    if (Test-Path -LiteralPath $toolchains) {
        Select-String -LiteralPath $toolchains -Pattern '<jdkHome>(.*)</jdkHome>' | ForEach-Object { $_.Matches[0].Groups[1].Value }
    }
    $programs = 'Amazon Corretto', 'BellSoft', 'Eclipse Adoptium', 'Java', 'Microsoft', 'Zulu' | ForEach-Object { "$env:ProgramFiles\$_" }
    $own = '.jdks', '.m2\jdks', '.gradle\jdks', '.jbang\cache\jdks', '.jabba\jdk', 'scoop\apps' | ForEach-Object { "$HOME\$_" }
    foreach ($folder in @($programs) + @($own)) {
        if (Test-Path -LiteralPath $folder) {
            Get-ChildItem -LiteralPath $folder -Directory | ForEach-Object { $_.FullName; "$($_.FullName)\current" }
        }
    }
}

function Install-Maven {
    $properties = @{}
    Get-Content -LiteralPath "$(Split-Path $env:MVNW_SELF)\.mvn\wrapper\maven-wrapper.properties" | ForEach-Object {
        if ($_ -match '^(\w+)=(.*)$') { $properties[$Matches[1]] = $Matches[2].Trim() }
    }
    $url = $properties.distributionUrl
    $name = ($url -split '/')[-1] -replace '-bin\.tar\.gz$', ''
    $dists = "$HOME\.m2\wrapper\dists"
    $mavenHome = "$dists\$name"
    if (Test-Path -LiteralPath "$mavenHome\bin\mvn.cmd") { return "$mavenHome\bin\mvn.cmd" }

    [Console]::Error.WriteLine("mvnw: downloading $url")
    [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
    $work = "$dists\.$name.$([Guid]::NewGuid())"
    New-Item -ItemType Directory -Force $work | Out-Null
    try {
        try {
            Invoke-WebRequest -UseBasicParsing $url -OutFile "$work\maven.tar.gz"
            $expected = $properties.distributionSha512Sum
            if (-not $expected) {
                Invoke-WebRequest -UseBasicParsing "$url.sha512" -OutFile "$work\maven.sha512"
                $expected = ((Get-Content -Raw -LiteralPath "$work\maven.sha512") -split '\s')[0]
            }
        } catch {
            Stop-Wrapper "could not download ${url}: $($_.Exception.Message)"
        }
        $actual = (Get-FileHash -Algorithm SHA512 -LiteralPath "$work\maven.tar.gz").Hash
        if ($actual -ne $expected) { Stop-Wrapper "refused ${url}: its SHA-512 is $actual, expected $expected." }
        & "$env:SystemRoot\System32\tar.exe" -xzf "$work\maven.tar.gz" -C $work
        if ($LASTEXITCODE -ne 0) { Stop-Wrapper "could not unpack $url." }
        if (-not (Test-Path -LiteralPath $mavenHome)) { Move-Item -LiteralPath "$work\$name" $mavenHome }
    } finally {
        Remove-Item -Recurse -Force -LiteralPath $work -ErrorAction SilentlyContinue
    }
    return "$mavenHome\bin\mvn.cmd"
}

$jdk = Get-Candidates | Where-Object { $_ -and (Test-Path -LiteralPath "$_\bin\javac.exe") -and (Get-Major $_) -eq 25 } | Select-Object -First 1
if (-not $jdk) {
    Stop-Wrapper 'JDK 25 is needed and none was found in JAVA_HOME, JAVA*_HOME, JDK*_HOME, PATH, .m2\toolchains.xml, Program Files, .jdks or the like; install one (https://adoptium.net) or set JAVA_HOME to it.'
}
# Maven's own script insists on a JAVA_HOME that works.
if ((Get-Major $env:JAVA_HOME) -lt 17) { $env:JAVA_HOME = $jdk }

$maven = Get-Command mvn.cmd -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
$version = if ($maven) { (& $maven.Source -version 2>$null | Out-String) -replace '\x1b\[[0-9;]*m', '' }
if ($version -match 'Apache Maven (\d+\.\d+\.\d+)' -and [version] $Matches[1] -ge [version] '3.8.6') {
    $maven = $maven.Source
} else {
    $maven = Install-Maven
}
# Whatever was found here, maven-toolchains-plugin finds by the name JAVA25_HOME.
"JAVA25_HOME=$jdk"
"JAVA_HOME=$env:JAVA_HOME"
"MVNW_MAVEN=$maven"
