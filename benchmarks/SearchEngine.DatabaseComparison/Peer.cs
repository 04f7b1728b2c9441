namespace SearchEngine.DatabaseComparison;

/// <summary>A database of the comparison: its name in the table, how its process is started, where its files lie.</summary>
internal sealed record Peer(string Name, string[] Program, string[] Arguments, string Directory)
{
    /// <summary>All three, this project's first.</summary>
    public static Peer[] All(string data, string peers)
    {
        return [Own("SearchEngine", "searchengine"), Lance(), Own("sqlite-vec + FTS5", "sqlite")];

        Peer Own(string name, string kind)
        {
            var directory = Path.Combine(data, kind);
            return new Peer(name, [Environment.ProcessPath!], [kind, data, directory, peers], directory);
        }

        Peer Lance()
        {
            var directory = Path.Combine(data, "lancedb");
            return new Peer("LanceDB", ["node", Path.Combine(peers, "lancedb.mjs")], [data, directory, peers], directory);
        }
    }

    /// <summary>Bytes of the database's files on the disk (holes count nothing where the system can tell).</summary>
    public long DiskBytes() => new DirectoryInfo(Directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
}
