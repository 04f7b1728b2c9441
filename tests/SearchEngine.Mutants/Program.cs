using System.Globalization;
using SearchEngine.Mutants;

// Mutants of a library, behind switches in one build, against that library's own tests; tests/mutants.sh runs it for all four.
string Option(string name, string other) => Array.IndexOf(args, "--" + name) is >= 0 and var at ? args[at + 1] : other;
int Number(string name, int other) => int.Parse(Option(name, other.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

var root = Environment.CurrentDirectory;
while (!File.Exists(Path.Combine(root, "SearchEngine.sln")))
    root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("Run it inside the source tree.");

var seed = Number("seed", 23);
if (args.Contains("--report"))
{
    Report.Write(root, seed);
    return 0;
}
if (args.Contains("--help") || Option("library", "") is not { Length: > 0 } name)
{
    Console.WriteLine(
        "--library Storage|Vectors|Lexical|Engine [--seed 23] [--count 80] [--longest 20] [--again] [--only NAMES]\n"
            + "Results are kept in artifacts/mutants; a later call goes on. --again runs those anew that survived; --only names mutants to run.\n"
            + "--report [--seed 23] writes docs/benchmarks/mutants.md from the results of all four."
    );
    return 1;
}

var library = Library.Named(name);
var data = Report.DataOf(root, library, seed);
Directory.CreateDirectory(data);
var copy = new WovenCopy(root, Path.GetDirectoryName(data)!, data, library);
var mutants = copy.Build(seed, Number("count", 80));
var tests = new Reach(data, copy).Record(mutants);
var hunt = new Hunt(data, copy, Number("longest", 20));
hunt.Run(mutants, tests, args.Contains("--again"), args.Contains("--only") ? Option("only", "") : null);
return 0;
