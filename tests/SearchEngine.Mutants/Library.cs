using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace SearchEngine.Mutants;

/// <summary>A library whose sources are mutated, and the tests that have to notice.</summary>
/// <param name="Name">What the command line calls it.</param>
/// <param name="Sources">The folder of its sources.</param>
/// <param name="Tests">The folder of its tests.</param>
internal sealed record Library(string Name, string Sources, string Tests)
{
    public static readonly Library[] All =
    [
        new("Storage", "index/SearchEngine.Storage", "tests/SearchEngine.Storage.Tests"),
        new("Vectors", "index/SearchEngine.Vectors", "tests/SearchEngine.Vectors.Tests"),
        new("Lexical", "index/SearchEngine.Lexical", "tests/SearchEngine.Lexical.Tests"),
        new("Engine", "src/SearchEngine", "tests/SearchEngine.Tests"),
    ];

    public static Library Named(string name) =>
        All.FirstOrDefault(library => library.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"There is no library '{name}': {string.Join(", ", All.Select(library => library.Name))}.");

    /// <summary>The library's sources, by their path from the repository's root.</summary>
    public (string Path, SyntaxTree Tree)[] Parse(string root) =>
        [
            .. Directory
                .EnumerateFiles(Path.Combine(root, Sources), "*.cs", SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(root, path).Replace('\\', '/'))
                .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(path => (Path: path, Tree: CSharpSyntaxTree.ParseText(File.ReadAllText(Path.Combine(root, path))))),
        ];

    /// <summary>Every mutant of the library.</summary>
    public static List<Mutant> Mutants((string Path, SyntaxTree Tree)[] trees) =>
        trees.SelectMany(file => new MutantFinder(file.Path, file.Tree).Find()).ToList();
}
