using System.Net;
using System.Text.RegularExpressions;

namespace SearchEngine.DatabaseComparison.Data;

/// <summary>Real English that every machine with the .NET SDK has: what its reference assemblies' members are documented with.</summary>
internal static partial class DocumentationTexts
{
    private const int LeastCharacters = 60;
    private const int MostCharacters = 240;

    /// <summary>Distinct sentences and short passages, shuffled with a seed.</summary>
    public static string[] Read(int wanted)
    {
        var root = Packs();
        var files = Directory.Exists(root)
            ? Directory
                .EnumerateFiles(root, "*.xml", SearchOption.AllDirectories)
                .Where(path => path.Contains($"{Path.DirectorySeparatorChar}ref{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
            : Enumerable.Empty<string>();
        var texts = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            foreach (Match block in Blocks().Matches(File.ReadAllText(file)))
            {
                var named = References().Replace(block.Groups[2].Value, match => Name(match.Groups[1].Value));
                var text = Spaces().Replace(WebUtility.HtmlDecode(Tags().Replace(named, " ")), " ").Trim();
                if (text.Length > MostCharacters)
                    text = text[..text.LastIndexOf(' ', MostCharacters)];
                if (text.Length >= LeastCharacters)
                    texts.Add(text);
            }
        }

        if (texts.Count < wanted)
        {
            throw new InvalidOperationException(
                $"The documentation under '{root}' has {texts.Count:N0} texts; {wanted:N0} are wanted: ask for fewer records."
            );
        }

        string[] all = [.. texts];
        new Random(24).Shuffle(all);
        return all[..wanted];
    }

    // Beside the program "dotnet", which may be found through links.
    private static string Packs()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var found = folders.Select(folder => new FileInfo(Path.Combine(folder, "dotnet"))).FirstOrDefault(file => file.Exists);
        var program = found?.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? found?.FullName ?? "dotnet";
        var root = Environment.GetEnvironmentVariable("DOTNET_ROOT") ?? Path.GetDirectoryName(program)!;
        return Path.Combine(root, "packs");
    }

    // "M:System.String.Concat(System.Object)" is read as "Concat".
    private static string Name(string reference) => reference.Split('(')[0].Split(':')[^1].Split('.')[^1];

    [GeneratedRegex("""<(summary|remarks|returns|param|typeparam|value|exception)\b[^>]*>(.*?)</\1>""", RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex("""<(?:see|paramref|typeparamref)[^>]*?(?:cref|name|langword)="([^"]*)"[^>]*/>""")]
    private static partial Regex References();

    [GeneratedRegex("<[^>]+>")]
    private static partial Regex Tags();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
