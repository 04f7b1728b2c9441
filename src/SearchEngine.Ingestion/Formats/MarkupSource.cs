namespace SearchEngine.Ingestion;

/// <summary>
/// The lines of a markup file, those that are longer than anybody writes cut into several: what reads a line may take time in the square of
/// its length.
/// </summary>
internal sealed class MarkupSource
{
    /// <summary>Longer than the paragraphs of those who write each on a line.</summary>
    internal const int MaxLength = 4000;

    private readonly List<int> _numbers = [];

    private MarkupSource() { }

    /// <summary>The lines, none longer than <see cref="MaxLength"/>.</summary>
    internal string[] Lines { get; private init; } = [];

    /// <summary>The number in the file, from 1, of a line, counted from 0.</summary>
    internal int NumberOf(int line) =>
        line < _numbers.Count ? _numbers[line]
        : _numbers.Count == 0 ? 1
        : _numbers[^1];

    internal static MarkupSource Of(string text)
    {
        var lines = new List<string>();
        var numbers = new List<int>();
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            var start = 0;
            while (line.Length - start > MaxLength)
            {
                var space = line.LastIndexOf(' ', start + MaxLength - 1, MaxLength / 2);
                var end =
                    space > start ? space + 1
                    : char.IsHighSurrogate(line[start + MaxLength - 1]) ? start + MaxLength - 1
                    : start + MaxLength;
                lines.Add(line[start..end]);
                numbers.Add(number);
                start = end;
            }

            lines.Add(start == 0 ? line : line[start..]);
            numbers.Add(number);
        }

        var source = new MarkupSource { Lines = [.. lines] };
        source._numbers.AddRange(numbers);
        return source;
    }
}
