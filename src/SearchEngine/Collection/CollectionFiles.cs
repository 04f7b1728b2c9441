using System.Text;

namespace SearchEngine;

/// <summary>Where a collection's files are: <c>collections/NAME/{schema.json, manifest…, log/, records/, graph/, lexical/}</c>.</summary>
internal sealed class CollectionFiles(string directory)
{
    private const string DeletedSuffix = "%deleted";

    public string Directory { get; } = directory;

    public string Schema => Path.Combine(Directory, "schema.json");

    public string Log => Path.Combine(Directory, "log");

    public string Records => Path.Combine(Directory, "records");

    public string Graph => Path.Combine(Directory, "graph");

    public string Lexical => Path.Combine(Directory, "lexical");

    public static string Root(string database) => Path.Combine(database, "collections");

    public static CollectionFiles Of(string database, string name) => new(Path.Combine(Root(database), Encode(name)));

    /// <summary>The names of the collections of a database; what an interrupted creation or deletion left is removed.</summary>
    public static IEnumerable<string> Names(string database)
    {
        var root = Root(database);
        return System.IO.Directory.Exists(root)
            ? System.IO.Directory.EnumerateDirectories(root).Where(path => File.Exists(Path.Combine(path, "schema.json"))).Select(path => Decode(Path.GetFileName(path))).Order(StringComparer.Ordinal)
            : [];
    }

    /// <summary>Removes folders without a schema (an interrupted creation) and folders marked deleted.</summary>
    public static void RemoveLeftovers(string database)
    {
        var root = Root(database);
        if (!System.IO.Directory.Exists(root)) return;
        foreach (var path in System.IO.Directory.EnumerateDirectories(root).ToArray())
        {
            if (path.EndsWith(DeletedSuffix, StringComparison.Ordinal) || !File.Exists(Path.Combine(path, "schema.json"))) System.IO.Directory.Delete(path, recursive: true);
        }
    }

    public bool Exists => File.Exists(Schema);

    /// <summary>Takes the collection out of sight in one step, then removes its files.</summary>
    public void Delete()
    {
        var doomed = $"{Directory}.{Guid.NewGuid():N}{DeletedSuffix}";
        System.IO.Directory.Move(Directory, doomed);
        System.IO.Directory.Delete(doomed, recursive: true);
    }

    public long Bytes()
    {
        long bytes = 0;
        foreach (var file in new DirectoryInfo(Directory).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            try
            {
                bytes += file.Length;
            }
            catch (FileNotFoundException)
            {
                // A segment that was merged or truncated away in between takes no space.
            }
        }

        return bytes;
    }

    /// <summary>A file name of a collection name: letters, digits, '-', '_' as they are (ASCII lower case and digits), everything else as %XX of its UTF-8.</summary>
    private static string Encode(string name)
    {
        var encoded = new StringBuilder();
        foreach (var unit in Encoding.UTF8.GetBytes(name))
        {
            if (unit is >= (byte)'a' and <= (byte)'z' or >= (byte)'0' and <= (byte)'9' or (byte)'-' or (byte)'_') encoded.Append((char)unit);
            else encoded.Append('%').Append(unit.ToString("x2", System.Globalization.CultureInfo.InvariantCulture));
        }

        return encoded.ToString();
    }

    private static string Decode(string encoded) => Uri.UnescapeDataString(encoded);
}
