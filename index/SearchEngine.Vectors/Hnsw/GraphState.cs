namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// What an image holds of a graph beside its tables, taken at one moment before they are copied: rows of the upper layers that are used or
/// free later belong to nodes that changed, which an image does not count for.
/// </summary>
/// <param name="Slots">One more than the largest node.</param>
/// <param name="Entry">Level in the upper half, node below; -1 for none.</param>
/// <param name="UpperUsed">Rows of the upper layers' table in use.</param>
/// <param name="FreeUpper">First rows of what was freed, by level.</param>
internal sealed record GraphState(int Slots, long Entry, int UpperUsed, Dictionary<int, int[]> FreeUpper)
{
    public void Write(BinaryWriter writer)
    {
        writer.Write(Slots);
        writer.Write(Entry);
        writer.Write(UpperUsed);
        writer.Write(FreeUpper.Count);
        foreach ((var level, var free) in FreeUpper)
        {
            writer.Write(level);
            writer.Write(free.Length);
            foreach (var first in free)
                writer.Write(first);
        }
    }

    public static GraphState Read(BinaryReader reader)
    {
        var slots = reader.ReadInt32();
        var entry = reader.ReadInt64();
        var upperUsed = reader.ReadInt32();
        var free = new Dictionary<int, int[]>();
        for (var kinds = reader.ReadInt32(); kinds > 0; kinds--)
        {
            var level = reader.ReadInt32();
            var firsts = free[level] = new int[reader.ReadInt32()];
            for (var i = 0; i < firsts.Length; i++)
                firsts[i] = reader.ReadInt32();
        }
        return new GraphState(slots, entry, upperUsed, free);
    }
}
