using System.Globalization;
using System.Text;

namespace SearchEngine.Training.Evaluation;

/// <summary>A text and its class.</summary>
/// <param name="Text">The text.</param>
/// <param name="Label">The class's name.</param>
public sealed record LabelledText(string Text, string Label);

/// <summary>Two sentences and how alike people found them.</summary>
/// <param name="First">A sentence.</param>
/// <param name="Second">Another.</param>
/// <param name="Score">Larger is more alike; any scale.</param>
public sealed record ScoredPair(string First, string Second, double Score);

/// <summary>A word and its part of speech.</summary>
/// <param name="Form">The word as written.</param>
/// <param name="Tag">Its universal part-of-speech tag.</param>
public sealed record TaggedWord(string Form, string Tag);

/// <summary>Readers of the evaluation files. Each reads a whole file; errors name file and line.</summary>
public static class EvaluationFiles
{
    /// <summary>Reads tab-separated lines with the columns score, sentence1 and sentence2, in any order, named in the first line.</summary>
    /// <exception cref="TrainingException">The file is missing, empty or lacks a column.</exception>
    public static IReadOnlyList<ScoredPair> ReadSts(string path)
    {
        var lines = Lines(path);
        var columns = lines[0].Split('\t');
        int Column(string name) =>
            Array.IndexOf(columns, name) is var at and >= 0
                ? at
                : throw new TrainingException(
                    $"'{path}' has no column '{name}'; its first line names: {string.Join(", ", columns)}. It should name score, sentence1 and sentence2, separated by tabs."
                );
        var (score, first, second) = (Column("score"), Column("sentence1"), Column("sentence2"));
        var pairs = new List<ScoredPair>(lines.Length);
        for (var i = 1; i < lines.Length; i++)
        {
            var fields = lines[i].Split('\t');
            if (
                fields.Length < columns.Length
                || !double.TryParse(fields[score], NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                || !double.IsFinite(value)
            )
            {
                throw new TrainingException(
                    $"{path}, line {i + 1}: expected {columns.Length} columns with a number in '{columns[score]}'."
                );
            }
            pairs.Add(new ScoredPair(fields[first], fields[second], value));
        }

        if (pairs.Count < 2)
            throw new TrainingException($"'{path}' holds fewer than two pairs.");
        return pairs.Exists(p => p.Score != pairs[0].Score)
            ? pairs
            : throw new TrainingException(
                $"'{path}' gives every pair the score {pairs[0].Score.ToString(CultureInfo.InvariantCulture)}: there is no order to correlate with."
            );
    }

    /// <summary>
    /// Reads comma-separated values with the columns text and category (or label), named in the first line; quotes as in RFC 4180.
    /// </summary>
    /// <exception cref="TrainingException">The file is missing, empty or lacks a column.</exception>
    public static IReadOnlyList<LabelledText> ReadClassification(string path)
    {
        var rows = ParseCsv(string.Join('\n', Lines(path)), path);
        var columns = rows[0];
        var text = columns.IndexOf("text");
        var label = columns.FindIndex(c => c is "category" or "label");
        if (text < 0 || label < 0)
        {
            throw new TrainingException(
                $"'{path}' should name the columns text and category (or label) in its first line; it names: {string.Join(", ", columns)}."
            );
        }
        if (rows.FindIndex(1, r => r.Count <= Math.Max(text, label)) is var bad and > 0)
        {
            throw new TrainingException(
                $"{path}, row {bad + 1}: it has {rows[bad].Count} columns of {columns.Count}. A comma inside a text needs quotes around the text."
            );
        }
        var items = rows.Skip(1).Select(r => new LabelledText(r[text], r[label])).ToList();
        return items.Count > 0 ? items : throw new TrainingException($"'{path}' holds no example.");
    }

    /// <summary>
    /// Reads sentences of CoNLL-U: form from column 2, universal tag from column 4; multi-word ranges and empty nodes are left out.
    /// </summary>
    /// <exception cref="TrainingException">The file is missing, empty or has a line of too few columns.</exception>
    public static IReadOnlyList<IReadOnlyList<TaggedWord>> ReadConllu(string path)
    {
        var sentences = new List<IReadOnlyList<TaggedWord>>();
        var words = new List<TaggedWord>();
        var lines = Lines(path);
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i];
            if (line.Length == 0)
            {
                Close();
                continue;
            }

            if (line[0] == '#')
                continue;
            var fields = line.Split('\t');
            if (fields.Length < 4)
            {
                throw new TrainingException(
                    $"{path}, line {i + 1}: not a line of CoNLL-U (expected columns separated by tabs, the word in 2 and its tag in 4)."
                );
            }
            if (fields[0].AsSpan().IndexOfAny('-', '.') < 0)
                words.Add(new TaggedWord(fields[1], fields[3]));
        }

        Close();
        return sentences.Count > 0 ? sentences : throw new TrainingException($"'{path}' holds no sentence.");

        void Close()
        {
            if (words.Count > 0)
                sentences.Add(words);
            words = [];
        }
    }

    private static string[] Lines(string path)
    {
        if (!File.Exists(path))
        {
            throw new TrainingException(
                File.Exists(path + ".xz")
                    ? $"'{path}' does not exist, only its compressed form: unpack it with 'xz -dk {path}.xz' (into a folder of yours)."
                    : $"'{path}' does not exist."
            );
        }

        var lines = TextFile.ReadLines(path).ToArray();
        return lines.Length > 0 ? lines : throw new TrainingException($"'{path}' is empty.");
    }

    private static List<List<string>> ParseCsv(string text, string path)
    {
        var rows = new List<List<string>>();
        var row = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        var opened = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quoted)
            {
                if (c != '"')
                    field.Append(c);
                else if (i + 1 < text.Length && text[i + 1] == '"')
                    field.Append(text[i++]);
                else
                    quoted = false;
            }
            else if (c == '"')
            {
                quoted = true;
                opened = rows.Count + 1;
            }
            else if (c == ',')
            {
                row.Add(field.ToString());
                field.Clear();
            }
            else if (c == '\n')
            {
                EndRow();
            }
            else if (c != '\r')
            {
                field.Append(c);
            }
        }

        if (quoted)
        {
            throw new TrainingException(
                $"{path}, row {opened}: a quote is opened and never closed, so that all that follows would be one field. Close it, or double it (\"\") where it is part of the text."
            );
        }
        EndRow();
        return rows;

        void EndRow()
        {
            row.Add(field.ToString());
            field.Clear();
            if (row.Count > 1 || row[0].Length > 0)
                rows.Add(row);
            row = [];
        }
    }
}
