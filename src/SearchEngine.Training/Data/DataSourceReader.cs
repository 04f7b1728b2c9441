using System.Text.Json;
using System.Text.RegularExpressions;

namespace SearchEngine.Training;

/// <summary>Reads a <see cref="DataSource"/> record by record. Not thread-safe; one pass per call.</summary>
internal static partial class DataSourceReader
{
    /// <summary>A paragraph of at most so many characters, without a comma and followed by a longer one, is a heading.</summary>
    private const int MaximumHeadingCharacters = 80;

    /// <summary>
    /// Reads the documents in file order, without those held out (or only those, where <paramref name="heldOut"/> is set).
    /// </summary>
    /// <exception cref="TrainingException">The file is missing, empty, not of its kind, or lacks a field.</exception>
    public static IEnumerable<TrainingDocument> Read(DataSource source, string baseDirectory, bool heldOut = false)
    {
        var path = Path.GetFullPath(Path.Combine(baseDirectory, source.Path));
        if (!File.Exists(path))
        {
            throw new TrainingException(
                $"Data file '{path}' does not exist. Correct 'path' of source '{source.DisplayName}'; relative paths start at the configuration file."
            );
        }

        return Enumerate(source, path, heldOut);
    }

    private static IEnumerable<TrainingDocument> Enumerate(DataSource source, string path, bool heldOut)
    {
        var number = 0;
        var records = 0;
        foreach (var line in TextFile.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            if (source.Limit is { } limit && records >= limit)
                break;
            records++;
            var document =
                source.Kind == DataSourceKind.SplitSentences ? ParseSplit(line, path, number) : ParseJson(source, line, path, number);
            if (source.HoldOutOneIn > 0)
            {
                var key = document.Title.Length > 0 ? document.Title : line;
                var isHeldOut = StableHash(key) % (ulong)source.HoldOutOneIn == 0;
                if (isHeldOut != heldOut)
                    continue;
            }
            else if (heldOut)
            {
                continue;
            }

            yield return document;
        }

        if (records == 0)
            throw new TrainingException($"Data file '{path}' is empty: it holds no record to train on.");
    }

    private static TrainingDocument ParseSplit(string line, string path, int number)
    {
        var tab = line.IndexOf('\t');
        if (tab < 0)
            throw new TrainingException($"{path}, line {number}: expected a sentence, a tab and its split form; found no tab.");
        var split = Detokenize(line[(tab + 1)..].Replace(" <::::> ", " ", StringComparison.Ordinal));
        return new TrainingDocument(Detokenize(line[..tab]), "", [new TrainingSection("", [split])]);
    }

    private static TrainingDocument ParseJson(DataSource source, string line, string path, int number)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            string Field(string? named, string standard) => Text(root, named ?? standard, source, path, number);
            return source.Kind switch
            {
                DataSourceKind.Articles => new TrainingDocument(
                    Field(source.TitleField, "title"),
                    "",
                    Sections(Field(source.TextField, "text"))
                ),
                DataSourceKind.Described => new TrainingDocument(
                    Field(source.TitleField, "title"),
                    Field(source.DescriptionField, "description"),
                    MarkdownSections(Field(source.TextField, "text"))
                ),
                DataSourceKind.QuestionAnswer => new TrainingDocument(
                    Field(source.TitleField, "question"),
                    "",
                    [new TrainingSection("", [Field(source.TextField, "answer")])]
                ),
                DataSourceKind.Pairs => new TrainingDocument(
                    Field(source.TitleField, "query"),
                    "",
                    [new TrainingSection("", [Field(source.TextField, "positive")])]
                )
                {
                    Negatives = Negatives(root, path, number),
                },
                _ => new TrainingDocument(
                    source.TitleField is null ? "" : Field(source.TitleField, "title"),
                    "",
                    Sections(Field(source.TextField, "text"))
                ),
            };
        }
        catch (JsonException e)
        {
            throw new TrainingException(
                $"{path}, line {number}: not a JSON object ({e.Message}). Source '{source.DisplayName}' of kind {source.Kind} must be JSON lines.",
                e
            );
        }
    }

    private static string[] Negatives(JsonElement root, string path, int number)
    {
        if (!root.TryGetProperty("negatives", out var negatives))
            return [];
        if (negatives.ValueKind != JsonValueKind.Array || negatives.EnumerateArray().Any(n => n.ValueKind != JsonValueKind.String))
            throw new TrainingException($"{path}, line {number}: 'negatives' is no list of texts. Write [\"a text\", …], or leave it out.");
        return [.. negatives.EnumerateArray().Select(n => n.GetString()!)];
    }

    private static string Text(JsonElement root, string field, DataSource source, string path, int number)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new TrainingException($"{path}, line {number}: not a JSON object. Source '{source.DisplayName}' must be JSON lines.");
        if (!root.TryGetProperty(field, out var value) || value.ValueKind != JsonValueKind.String)
        {
            var there = string.Join(", ", root.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.String).Select(p => p.Name));
            throw new TrainingException(
                $"{path}, line {number}: the record has no text column '{field}' (it has: {there}). Set titleField, textField or descriptionField of source '{source.DisplayName}'."
            );
        }

        return value.GetString()!;
    }

    /// <summary>Paragraphs by newline; a short paragraph before a longer one is a heading.</summary>
    private static List<TrainingSection> Sections(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var sections = new List<TrainingSection>();
        var paragraphs = new List<string>();
        var heading = "";
        for (var i = 0; i < lines.Length; i++)
        {
            var isHeading =
                lines[i].Length <= MaximumHeadingCharacters
                && i + 1 < lines.Length
                && lines[i + 1].Length > 2 * lines[i].Length
                && lines[i].AsSpan(0, lines[i].Length - 1).IndexOfAny('.', ',', ';') < 0
                && char.IsUpper(lines[i][0]);
            if (isHeading)
            {
                Close();
                heading = lines[i].TrimEnd('.', ':');
            }
            else
            {
                paragraphs.Add(lines[i]);
            }
        }

        Close();
        return sections;

        void Close()
        {
            if (paragraphs.Count > 0)
                sections.Add(new TrainingSection(heading, paragraphs));
            paragraphs = [];
        }
    }

    private static List<TrainingSection> MarkdownSections(string text)
    {
        var sections = new List<TrainingSection>();
        var paragraphs = new List<string>();
        var heading = "";
        foreach (var raw in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (raw.StartsWith('#'))
            {
                Close();
                heading = raw.TrimStart('#', ' ');
            }
            else
            {
                var line = LinkTarget()
                    .Replace(raw, "]")
                    .Replace("**", "", StringComparison.Ordinal)
                    .Replace("\\", "", StringComparison.Ordinal);
                if (line.AsSpan().IndexOfAnyInRange('a', 'z') >= 0)
                    paragraphs.Add(line);
            }
        }

        Close();
        return sections;

        void Close()
        {
            if (paragraphs.Count > 0)
                sections.Add(new TrainingSection(heading, paragraphs));
            paragraphs = [];
        }
    }

    /// <summary>Undoes the spaces that a word tokenizer put before punctuation and around quotes.</summary>
    private static string Detokenize(string text)
    {
        text = text.Replace("''", "\"", StringComparison.Ordinal).Replace("``", "\"", StringComparison.Ordinal);
        return SpaceBeforePunctuation().Replace(text, "$1").Replace("( ", "(", StringComparison.Ordinal).Trim();
    }

    /// <summary>FNV-1a over the UTF-16 units, finished by a multiplication: the same on every machine and in every version.</summary>
    private static ulong StableHash(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in text)
            hash = (hash ^ c) * 1099511628211UL;
        return (hash * 0x9E3779B97F4A7C15UL) >> 20;
    }

    [GeneratedRegex(@"\]\([^)]*\)")]
    private static partial Regex LinkTarget();

    [GeneratedRegex(@" ([.,;:!?)]|'s\b|n't\b)")]
    private static partial Regex SpaceBeforePunctuation();
}
