#!/usr/bin/env bash
# Publishes the web host, the command line and a console program with the connector for every platform, and looks at each file of machine code
# in them: it must be of that platform. Prints the sizes.
# Usage: packaging/check-platforms.sh DIRECTORY [RUNTIME_IDENTIFIER…]
# Every platform's packs of the runtime and of ASP.NET are downloaded (some 70 MB each), which the compilation ahead of time reads; a platform whose packs
# the feed does not have is not published, and told of.
# Environment: SELF_CONTAINED (false): with the runtime; KEEP (empty): leave what was published.
set -euo pipefail
if [ $# -lt 1 ]; then sed -n '2,7s/^# //p' "$0" >&2; exit 2; fi
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
output=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- linux-x64 linux-arm64 linux-musl-x64 win-x64 win-arm64 osx-arm64

console=$output/console
mkdir -p "$console"
cat > "$console/console.csproj" <<XML
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
  <ItemGroup>
    <ProjectReference Include="$root/plugins/SearchEngine.SemanticKernel/SearchEngine.SemanticKernel.csproj" />
    <Content Include="$root/models/default/**" LinkBase="models/default" CopyToOutputDirectory="PreserveNewest" />
  </ItemGroup>
</Project>
XML
echo 'Console.WriteLine(typeof(SearchEngine.SemanticKernel.SearchEngineVectorStore).Name);' > "$console/Program.cs"

bytes() { od -An -tx1 -j"$2" -N"$3" "$1" | tr -d ' \n'; } # FILE OFFSET COUNT

# The platform of a file of machine code, or nothing for any other file.
platform() {
  case $(bytes "$1" 0 4) in
    7f454c46) # ELF: the machine at 18
      case $(bytes "$1" 18 2) in 3e00) echo linux-x64 ;; b700) echo linux-arm64 ;; *) echo linux-other ;; esac ;;
    cffaedfe) # Mach-O: the processor at 4
      case $(bytes "$1" 4 4) in 0c000001) echo osx-arm64 ;; 07000001) echo osx-x64 ;; *) echo osx-other ;; esac ;;
    cafebabe) echo osx-fat ;;
    4d5a*) # PE: managed code has a metadata root; else the machine behind the signature
      if grep -q BSJB "$1"; then return; fi
      local at=$((16#$(bytes "$1" 60 4 | sed 's/\(..\)\(..\)\(..\)\(..\)/\4\3\2\1/')))
      case $(bytes "$1" $((at + 4)) 2) in 6486) echo win-x64 ;; 64aa) echo win-arm64 ;; *) echo win-other ;; esac ;;
  esac
}

failed=0
for target in "$@"; do
  wanted=${target/-musl/}
  for project in "$root/src/SearchEngine.Api" "$root/src/SearchEngine.Cli" "$console"; do
    name=$(basename "$project") folder=$output/$target/$(basename "$project")
    if ! dotnet publish -c Release -r "$target" --self-contained "${SELF_CONTAINED:-false}" "$project" -o "$folder" -v q -nologo > "$output/log" 2>&1; then
      cat "$output/log" >&2
      echo "$target $name: not published" >&2
      failed=1
      continue
    fi
    natives=0
    while IFS= read -r -d '' file; do
      is=$(platform "$file")
      [ -n "$is" ] || continue
      natives=$((natives + 1))
      if [ "$is" != "$wanted" ]; then
        echo "$target $name: ${file#"$folder"/} is of $is" >&2
        failed=1
      fi
    done < <(find "$folder" -type f -size +3c -print0)
    echo "$target $name: $(($(find "$folder" -type f -printf "%s+")0)) bytes, $natives files of machine code"
    [ -n "${KEEP:-}" ] || rm -rf "$folder"
  done
done
exit $failed
