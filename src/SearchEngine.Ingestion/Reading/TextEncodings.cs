using System.Text;

namespace SearchEngine.Ingestion;

/// <summary>Encodings of text by name.</summary>
public static class TextEncodings
{
    /// <summary>
    /// The encoding of a name as browsers and editors write it ("utf-8", "shift_jis", "latin-2", "cp1251"); null where there is none.
    /// </summary>
    public static Encoding? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return TextDecoder.Find(name);
    }
}
