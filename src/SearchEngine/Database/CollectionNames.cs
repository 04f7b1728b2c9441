using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SearchEngine.Database;

/// <summary>
/// Between a collection's name and its folder's. Lower-case ASCII letters, digits, '-' and '_' stand for themselves, everything else is
/// %XX of its UTF-8, so that the folder is the same on every file system and no name can leave its parent. A name whose encoding would be
/// longer than file systems take (255 bytes, with room for what is appended) keeps its beginning and ends in '%+' and its SHA-256: then the
/// schema file, not the folder, tells the name. Folders of earlier builds, which had no such limit, are found under their full encoding.
/// </summary>
internal static class CollectionNames
{
    /// <summary>An encoding up to this length is the folder's name.</summary>
    private const int MaxEncodedLength = 160;

    /// <summary>What a long name keeps of its encoding, for people who look into the folder.</summary>
    private const int KeptLength = 64;

    /// <summary>Begins the hash of a long name; an encoding never holds it, because '%' is followed by two hex digits there.</summary>
    private const string HashMark = "%+";

    /// <summary>The longest name of a file or folder that the usual file systems take, in bytes.</summary>
    private const int MaxFolderLength = 255;

    /// <summary>The folder's name for a collection's.</summary>
    public static string ToFolder(string name)
    {
        var encoded = Encode(name);
        if (encoded.Length <= MaxEncodedLength)
            return encoded;
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
        return string.Concat(encoded.AsSpan(0, KeptLength), HashMark, hash);
    }

    /// <summary>The folder's name that an earlier build gave a long name, or null where there was none.</summary>
    public static string? ToEarlierFolder(string name)
    {
        var encoded = Encode(name);
        return encoded.Length is > MaxEncodedLength and <= MaxFolderLength ? encoded : null;
    }

    /// <summary>The collection's name for a folder's; null where the folder does not tell it (then the schema does).</summary>
    public static string? FromFolder(string folder) =>
        folder.Contains(HashMark, StringComparison.Ordinal) ? null : Uri.UnescapeDataString(folder);

    private static string Encode(string name)
    {
        var encoded = new StringBuilder();
        foreach (var unit in Encoding.UTF8.GetBytes(name))
        {
            if (unit is >= (byte)'a' and <= (byte)'z' or >= (byte)'0' and <= (byte)'9' or (byte)'-' or (byte)'_')
                encoded.Append((char)unit);
            else
                encoded.Append('%').Append(unit.ToString("x2", CultureInfo.InvariantCulture));
        }

        return encoded.ToString();
    }
}
