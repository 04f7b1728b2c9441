using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace SearchEngine.Mutants;

/// <summary>A copy of the source tree with a library's drawn mutants in it, built once.</summary>
internal sealed partial class WovenCopy(string root, string folder, string data, Library library)
{
    private static readonly string[] Properties =
    [
        "-p:TreatWarningsAsErrors=false",
        "-p:EnforceCodeStyleInBuild=false",
        "-p:RunAnalyzers=false",
        "-p:AllowUnsafeBlocks=true",
        "-p:WarningLevel=0",
        "-nodeReuse:false",
    ];

    private readonly string _tree = Path.Combine(folder, "tree");
    private readonly string _sample = Path.Combine(data, "sample.txt");

    /// <summary>The test program, as one of its own and not under dotnet: tests start it again by the name of their process.</summary>
    public string Program =>
        Path.Combine(
            _tree,
            library.Tests,
            "bin/Release/net10.0",
            Path.GetFileName(library.Tests) + (OperatingSystem.IsWindows() ? ".exe" : "")
        );

    public string Assembly => Path.ChangeExtension(OperatingSystem.IsWindows() ? Program : Program + ".exe", ".dll");

    public string TestFolder => Path.GetDirectoryName(Program)!;

    /// <summary>How many mutants the library has in all.</summary>
    public int Population { get; private set; }

    /// <summary>
    /// Draws mutants, leaves out what does not compile, and builds. What was drawn before for the same seed is drawn again, so that a later run goes on
    /// where an earlier one ended.
    /// </summary>
    public IReadOnlyList<Mutant> Build(int seed, int count)
    {
        Copy();
        var trees = library.Parse(root);
        var all = Library.Mutants(trees);
        Population = all.Count;
        var drawn =
            Known(all, seed, count) ?? all.OrderBy(mutant => mutant.Draw(seed), StringComparer.Ordinal).Take(count * 3 / 2).ToList();
        drawn = Compile(trees, drawn);
        if (drawn.Count > count)
            drawn = Compile(trees, drawn[..count]);
        File.WriteAllLines(_sample, [$"{seed} {count}", .. drawn.Select(mutant => mutant.Name)]);
        Console.WriteLine($"{library.Name}: {drawn.Count} of {Population} mutants, seed {seed}");
        Shell.Require(_tree, "dotnet", ["build", "-c", "Release", "-v", "q", "-m:1", library.Tests, .. Properties]);
        return drawn;
    }

    private List<Mutant>? Known(List<Mutant> all, int seed, int count)
    {
        if (!File.Exists(_sample) || File.ReadAllLines(_sample) is not [var head, .. var names] || head != $"{seed} {count}")
            return null;
        return names.Select(name => all.FirstOrDefault(mutant => mutant.Name == name)).OfType<Mutant>().ToList();
    }

    private void Copy()
    {
        var files = Shell.Require(root, "git", "ls-files", "-co", "--exclude-standard").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (var file in files.Select(file => file.Trim()).Where(file => File.Exists(Path.Combine(root, file))))
        {
            var (from, to) = (new FileInfo(Path.Combine(root, file)), new FileInfo(Path.Combine(_tree, file)));
            if (to.Exists && to.LastWriteTimeUtc == from.LastWriteTimeUtc && to.Length == from.Length)
                continue;
            to.Directory!.Create();
            from.CopyTo(to.FullName, overwrite: true);
        }
        Put("MutantSwitch.cs", library.Sources);
        Put("ReachedMutantsAttribute.cs", library.Tests);
    }

    private void Put(string name, string to)
    {
        using var reader = new StreamReader(typeof(WovenCopy).Assembly.GetManifestResourceStream(name)!);
        WriteIfOther(Path.Combine(_tree, to, name), reader.ReadToEnd());
    }

    private static void WriteIfOther(string path, string text)
    {
        if (!File.Exists(path) || File.ReadAllText(path) != text)
            File.WriteAllText(path, text);
    }

    /// <summary>Weaves and compiles until nothing is left that does not compile; gives back what does, in the order of the drawing.</summary>
    private List<Mutant> Compile((string Path, SyntaxTree Tree)[] trees, List<Mutant> drawn)
    {
        while (true)
        {
            foreach (var (path, tree) in trees)
            {
                var here = drawn
                    .Select((mutant, number) => (number, mutant))
                    .Where(numbered => numbered.mutant.File == path)
                    .GroupBy(numbered => numbered.mutant.Node)
                    .ToDictionary(group => group.Key, group => group.ToList());
                WriteIfOther(Path.Combine(_tree, path), new MutantWeaver(here).Visit(tree.GetRoot())!.ToFullString());
            }
            var (status, output) = Shell
                .Run(
                    _tree,
                    TimeSpan.FromMinutes(10),
                    new Dictionary<string, string>(),
                    "dotnet",
                    ["build", "-c", "Release", "-v", "q", "-m:1", library.Sources, .. Properties]
                )!
                .Value;
            if (status == 0)
                return drawn;
            HashSet<int> refused = [];
            foreach (Match error in Error().Matches(output))
            {
                var text = File.ReadAllText(error.Groups["path"].Value.Trim());
                refused.UnionWith(
                    MutantWeaver.Near(
                        text,
                        int.Parse(error.Groups["line"].Value, CultureInfo.InvariantCulture),
                        int.Parse(error.Groups["column"].Value, CultureInfo.InvariantCulture)
                    )
                );
            }
            if (refused.Count == 0)
                throw new InvalidOperationException($"The woven library does not compile:\n{output}");
            Console.WriteLine($"{library.Name}: {refused.Count} mutants do not compile");
            drawn = drawn.Where((_, number) => !refused.Contains(number)).ToList();
        }
    }

    [GeneratedRegex(@"^(?<path>[^(\r\n]+\.cs)\((?<line>\d+),(?<column>\d+)\): error CS", RegexOptions.Multiline)]
    private static partial Regex Error();
}
