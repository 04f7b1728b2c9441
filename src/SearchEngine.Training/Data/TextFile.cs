using System.Text;

namespace SearchEngine.Training;

/// <summary>
/// Reads text files as UTF-8 and says so where one is not: bytes of another encoding would become replacement characters, and be learnt.
/// </summary>
internal static class TextFile
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The lines of a file, one by one.</summary>
    /// <exception cref="TrainingException">The file is not UTF-8; the message names the line.</exception>
    public static IEnumerable<string> ReadLines(string path)
    {
        using var reader = new StreamReader(path, Strict, detectEncodingFromByteOrderMarks: true);
        while (true)
        {
            string? line;
            try
            {
                line = reader.ReadLine();
            }
            catch (DecoderFallbackException e)
            {
                throw new TrainingException(
                    $"{path}, line {FirstBadLine(path)}: its bytes are not UTF-8. Convert the file first (iconv -f latin1 -t utf-8).",
                    e
                );
            }

            if (line is null)
                yield break;
            yield return line;
        }
    }

    /// <summary>The reader decodes ahead of the lines it gives out, so the place is looked for again.</summary>
    private static int FirstBadLine(string path)
    {
        var number = 0;
        var rest = File.ReadAllBytes(path).AsSpan();
        while (!rest.IsEmpty)
        {
            number++;
            var end = rest.IndexOf((byte)'\n') is var at and >= 0 ? at + 1 : rest.Length;
            if (!System.Text.Unicode.Utf8.IsValid(rest[..end]))
                break;
            rest = rest[end..];
        }

        return number;
    }
}
