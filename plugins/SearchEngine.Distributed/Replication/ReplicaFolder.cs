using System.Globalization;
using SearchEngine.Distributed.Log;

namespace SearchEngine.Distributed.Replication;

/// <summary>
/// Where a replica lies: <c>COLLECTION-SHARD/</c> with a database in it. What is being removed has a name that ends in <c>%deleted</c>; what is
/// being made of a snapshot lies beside it. Both are taken away at the next start.
/// </summary>
internal sealed class ReplicaFolder(string root, LogShard shard)
{
    private const string Deleted = "%deleted";
    private const string Loading = "%loading";

    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"{shard.Collection:N}-{shard.Shard}");

    /// <summary>The database's folder.</summary>
    public string Database => Path.Combine(root, _name);

    /// <summary>Where a snapshot is put before it is taken in; fresh each time.</summary>
    public string NewLoading() => Path.Combine(root, $"{_name}-{Guid.NewGuid():N}{Loading}");

    /// <summary>Where a snapshot is written before it is kept.</summary>
    public string NewSnapshot() => NewLoading();

    /// <summary>Bytes of its files, about: files come and go meanwhile.</summary>
    public long Bytes()
    {
        try
        {
            var folder = new DirectoryInfo(Database);
            return folder.Exists ? folder.EnumerateFiles("*", SearchOption.AllDirectories).Sum(LengthOf) : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>Removes the replica.</summary>
    public void Delete()
    {
        if (!Directory.Exists(Database))
            return;
        var doomed = $"{Database}-{Guid.NewGuid():N}{Deleted}";
        Directory.Move(Database, doomed);
        Directory.Delete(doomed, recursive: true);
    }

    /// <summary>The replicas of a folder; takes away what an earlier process left unfinished.</summary>
    public static IReadOnlyList<LogShard> Clean(string root)
    {
        var shards = new List<LogShard>();
        foreach (var folder in Directory.GetDirectories(root))
        {
            var name = Path.GetFileName(folder);
            if (name.EndsWith(Deleted, StringComparison.Ordinal) || name.EndsWith(Loading, StringComparison.Ordinal))
                Directory.Delete(folder, recursive: true);
            else if (Parse(name) is { } shard)
                shards.Add(shard);
        }

        return shards;
    }

    private static LogShard? Parse(string name)
    {
        var parts = name.Split('-');
        return
            parts.Length == 2
            && Guid.TryParseExact(parts[0], "N", out var collection)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var shard)
            ? new LogShard(collection, shard)
            : null;
    }

    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }
}
