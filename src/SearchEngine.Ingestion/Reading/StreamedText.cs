using System.Text;

namespace SearchEngine.Ingestion;

/// <summary>Opens text files to be read as a stream, in the encoding that their beginning shows.</summary>
internal static class StreamedText
{
    /// <summary>Enough to meet a character outside ASCII in almost any text that has one.</summary>
    private const int SampleBytes = 1 << 20;

    /// <exception cref="SourceFormatException">The file is no text.</exception>
    internal static StreamReader Open(SourceFile file)
    {
        var stream = file.OpenRead();
        try
        {
            var sample = new byte[SampleBytes];
            var length = stream.ReadAtLeast(sample, sample.Length, throwOnEndOfStream: false);
            // An odd end would hide UTF-16.
            var even = length == SampleBytes ? length & ~3 : length;
            var (encoding, start) = TextDecoder.Recognize(
                sample,
                even,
                file.Encoding,
                DeclaredEncoding.InText(sample[..Math.Min(length, 1024)])
            );
            var text = encoding.GetString(sample, start, Math.Min(even - start, TextDecoder.SampleBytes));
            TextDecoder.RequireText(text);
            var whole = new ReplayedStream(sample.AsMemory(start, length - start), stream);
            return new StreamReader(whole, encoding, detectEncodingFromByteOrderMarks: false, 1 << 16);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }
}
