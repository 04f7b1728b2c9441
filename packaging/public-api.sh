#!/usr/bin/env bash
# Brings the files of the public surface up to the code: PublicAPI.Unshipped.txt of every library takes on what is new and loses what is no more.
# What was shipped and is no more is marked *REMOVED*. Run it after a change of public members, read the diff, and name the change in CHANGELOG.md.
#
#     packaging/public-api.sh [PROJECT…]      # folders of projects; all libraries without any
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C
projects=("$@")
if [ ${#projects[@]} -eq 0 ]; then
    mapfile -t projects < <(git ls-files '*PublicAPI.Shipped.txt' | xargs -n 1 dirname)
fi
said=$(mktemp)
trap 'rm -f "$said"' EXIT
for project in "${projects[@]}"; do
    # Whatever is not declared is a warning here, with the line that declares it; what it refers to is built before, once.
    dotnet build "$project" -nologo -v quiet -p:TreatWarningsAsErrors=false > /dev/null
    dotnet build "$project" -nologo -v quiet -p:TreatWarningsAsErrors=false -p:BuildProjectReferences=false --no-incremental > "$said" || { cat "$said"; exit 1; }
    python3 - "$project" "$said" <<'PYTHON'
import re, sys
project, said = sys.argv[1], open(sys.argv[2]).read()
def read(name):
    return [line for line in open(f"{project}/PublicAPI.{name}.txt").read().splitlines() if line and line != "#nullable enable"]
new = set(re.findall(r"warning RS0016: Symbol '(.*?)' is not part of the declared public API", said))
gone = set(re.findall(r"warning RS0017: Symbol '(.*?)' is part of the declared API", said))
shipped, unshipped = read("Shipped"), set(read("Unshipped"))
unshipped = (unshipped - gone) | new | {"*REMOVED*" + line for line in gone & set(shipped)}
with open(f"{project}/PublicAPI.Unshipped.txt", "w", newline="\n") as file:
    file.write("\n".join(["#nullable enable", *sorted(unshipped)]) + "\n")
print(f"{project}: {len(new)} new, {len(gone)} gone")
PYTHON
done
