using System.Text;
using System.Text.Json;
using SearchEngine.Storage;

namespace SearchEngine;

/// <summary>The stored schema: one line of JSON, then a line with its checksum. Written once, when the collection is made.</summary>
internal static class SchemaFile
{
    public const int FormatVersion = 1;

    internal sealed record Stored(int FormatVersion, CollectionSchema Schema);

    public static void Write(string path, CollectionSchema schema, StorageDisk? disk = null)
    {
        var body = JsonSerializer.Serialize(new Stored(FormatVersion, schema), EngineJson.Default.Stored);
        AtomicFile.Write(path, Encoding.UTF8.GetBytes($"{body}\n{Checksum(body)}\n"), disk ?? StorageDisk.Real);
    }

    /// <exception cref="SearchDatabaseException">Damaged, or of a newer version.</exception>
    public static CollectionSchema Read(string path)
    {
        var lines = File.ReadAllText(path).Split('\n');
        if (lines.Length != 3 || lines[2].Length != 0 || lines[1] != Checksum(lines[0]))
        {
            throw new SearchDatabaseException(
                SearchDatabaseError.Corrupt,
                $"The schema file {path} is damaged: its checksum does not agree. Restore it from a snapshot."
            );
        }
        using var document = JsonDocument.Parse(lines[0]);
        var version = document.RootElement.GetProperty("formatVersion").GetInt32();
        if (version > FormatVersion)
        {
            throw new SearchDatabaseException(
                SearchDatabaseError.UnsupportedFormat,
                $"The schema file {path} has format version {version}; this build reads up to {FormatVersion}. Use a newer build."
            );
        }

        return SchemaJson.Read(document.RootElement.GetProperty("schema"));
    }

    private static string Checksum(string body) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(body)));
}
