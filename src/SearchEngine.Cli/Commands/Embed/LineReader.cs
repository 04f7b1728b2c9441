using System.Runtime.CompilerServices;
using System.Text;

namespace SearchEngine.Cli.Commands.Embed;

/// <summary>
/// Lines ended by a line feed (with or without a carriage return before it); other breaks belong to the text, so that the count of lines is
/// that of <c>wc -l</c>.
/// </summary>
internal static class LineReader
{
    private const int BufferLength = 1 << 16;

    public static async IAsyncEnumerable<string> ReadAsync(
        TextReader reader,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        var buffer = new char[BufferLength];
        var line = new StringBuilder();
        int read;
        while ((read = await reader.ReadAsync(buffer.AsMemory(), cancellationToken)) > 0)
        {
            var start = 0;
            while (start < read && Array.IndexOf(buffer, '\n', start, read - start) is >= 0 and var end)
            {
                line.Append(buffer, start, end - start);
                yield return Take(line);
                start = end + 1;
            }

            line.Append(buffer, start, read - start);
        }

        if (line.Length > 0)
            yield return Take(line);
    }

    private static string Take(StringBuilder line)
    {
        if (line.Length > 0 && line[^1] == '\r')
            line.Length--;
        var text = line.ToString();
        line.Clear();
        return text;
    }
}
