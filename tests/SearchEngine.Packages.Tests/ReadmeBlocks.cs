using SearchEngine.TestSupport;

namespace SearchEngine.Packages.Tests;

/// <summary>The fenced blocks of a plugin's README, by language, in their order.</summary>
internal sealed class ReadmeBlocks
{
    private readonly List<(string Language, string Text)> _blocks = [];

    public ReadmeBlocks(string plugin)
    {
        var lines = File.ReadAllLines(Path.Combine(Repository.Root, "plugins", plugin, "README.md"));
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("```", StringComparison.Ordinal))
                continue;
            var end = Array.FindIndex(lines, i + 1, line => line.StartsWith("```", StringComparison.Ordinal));
            _blocks.Add((lines[i][3..], string.Join('\n', lines[(i + 1)..end])));
            i = end;
        }
    }

    public IReadOnlyList<string> Of(string language) => [.. _blocks.Where(b => b.Language == language).Select(b => b.Text)];
}
