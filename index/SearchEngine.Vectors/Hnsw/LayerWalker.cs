using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using SearchEngine.Vectors.Memory;
using SearchEngine.Vectors.Quantization;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// Walks over the layers of a graph: down the upper ones to the nearest node, and best first over one. Has no state but the graph: a
/// walk's is in its
/// scratch and its beam. Thread-safe.
/// </summary>
internal sealed unsafe class LayerWalker(HnswGraph graph)
{
    private const int CacheLine = 64;

    // Lines of each candidate's code that are asked for as soon as it is met; the rest follows while earlier ones are scored.
    private const int EarlyLines = 16;

    private readonly HnswGraph _graph = graph;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(void* address)
    {
        if (Sse.IsSupported)
            Sse.Prefetch1(address);
    }

    public static void PrefetchRow(byte* row, int bytes)
    {
        for (var offset = 0; offset < bytes; offset += CacheLine)
            Prefetch(row + offset);
    }

    /// <summary>
    /// Walks down the upper layers to the node nearest to the query on the layer above `level`. A node that was scored once cannot be
    /// nearer
    /// than the best, so none is scored twice. Leaves the visited set empty.
    /// </summary>
    public (int Node, float Distance) Descend(SearchScratch scratch, byte* query, long entry, int level)
    {
        var node = (int)entry;
        var best = ScoreOne(scratch, query, node);
        var visited = scratch.Visited;
        visited.Add(node);
        var batch = scratch.First;
        for (var l = (int)(entry >> 32); l > level; l--)
        {
            while (true)
            {
                var n = CollectUnvisited(scratch, batch, visited, _graph.Links(node, l), _graph.M);
                scratch.Space.Codec.Score(query, batch.Rows, TermRows(scratch, batch), n, scratch.Distances);
                var nearest = -1;
                for (var i = 0; i < n; i++)
                {
                    if (scratch.Distances[i] < best)
                    {
                        best = scratch.Distances[i];
                        nearest = batch.Ids[i];
                    }
                }
                if (nearest < 0)
                    break;
                node = nearest;
            }
        }
        visited.Clear();
        return (node, best);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Gather(SearchScratch scratch, int position, int id)
    {
        var row = scratch.Space.Codes.Row(id);
        Prefetch(row);
        Prefetch(row + CacheLine);
        scratch.Ids[position] = id;
        scratch.Rows[position] = row;
        if (scratch.Space.Terms != null)
        {
            var terms = (float*)scratch.Space.Terms.Row(id);
            Prefetch(terms);
            scratch.Terms[position] = terms;
        }
    }

    public static float ScoreOne(SearchScratch scratch, byte* query, int node)
    {
        Gather(scratch, 0, node);
        scratch.Space.Codec.Score(query, scratch.Rows, TermRows(scratch), 1, scratch.Distances);
        return scratch.Distances[0];
    }

    /// <summary>
    /// Best-first search of one layer from the nodes in the beam; fills it. Leaves the visited set filled; the caller clears it, or widens
    /// the
    /// beam and goes on. Returns the number of expanded nodes.
    /// </summary>
    /// <remarks>
    /// One node ahead: while the neighbours of a node are scored, those of the next best are fetched from memory. The next best is thus
    /// chosen
    /// before the distances of the batch under way are known, which costs an expansion now and then and hides most of the memory's latency.
    /// </remarks>
    public int SearchLayer(SearchScratch scratch, byte* query, ref Beam beam, int level, in StopRule stop = default)
    {
        var visited = scratch.Visited;
        for (var i = 0; i < beam.Count; i++)
            visited.Add(beam.Id(i));
        NodeBatch current = scratch.First,
            ahead = scratch.Second;
        int hops = 0,
            max = _graph.MaxLinks(level);
        var node = beam.Expand(stop.Bound(beam));
        if (node < 0)
            return 0;
        var n = CollectUnvisited(scratch, current, visited, _graph.Links(node, level), max);
        while (true)
        {
            hops++;
            int next = beam.Expand(stop.Bound(beam)),
                m = 0;
            if (next >= 0)
                m = CollectAhead(scratch, ahead, ref beam, next, level, max);
            if (n > 0)
            {
                scratch.Space.Codec.Score(query, current.Rows, TermRows(scratch, current), n, scratch.Distances);
                var limit = beam.Limit;
                for (var i = 0; i < n; i++)
                {
                    var distance = scratch.Distances[i];
                    if (distance < limit)
                    {
                        beam.Insert(distance, current.Ids[i]);
                        limit = beam.Limit;
                    }
                }
            }
            if (next < 0)
            {
                next = beam.Expand(stop.Bound(beam));
                if (next < 0)
                    return hops;
                m = CollectAhead(scratch, ahead, ref beam, next, level, max);
            }
            (current, ahead, n) = (ahead, current, m);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int CollectAhead(SearchScratch scratch, NodeBatch batch, ref Beam beam, int node, int level, int max)
    {
        var following = beam.PeekNext();
        if (following >= 0)
        {
            var links = _graph.Links(following, level);
            Prefetch(links);
            Prefetch(links + CacheLine / sizeof(int));
        }
        return CollectUnvisited(scratch, batch, scratch.Visited, _graph.Links(node, level), max);
    }

    /// <summary>Puts the nodes of a row that were not met before into the batch, marks them, and asks for their codes.</summary>
    public int CollectUnvisited(SearchScratch scratch, NodeBatch batch, VisitedSet visited, int* row, int max)
    {
        var n = 0;
        var ids = batch.Ids;
        var bits = visited.Bits;
        var capacity = scratch.NodeLimit;
        for (var i = 0; i < max; i++)
        {
            var id = row[i];
            if ((uint)id >= (uint)capacity)
            {
                if (id < 0)
                    break;
                continue;
            }
            ref var word = ref bits[(uint)id >> 6];
            var bit = 1UL << id;
            if ((word & bit) != 0)
                continue;
            word |= bit;
            visited.Touch(id);
            ids[n++] = id;
        }
        Fetch(scratch, batch, n);
        return n;
    }

    /// <summary>Asks for the codes of a batch's nodes.</summary>
    public static void Fetch(SearchScratch scratch, NodeBatch batch, int n)
    {
        var ids = batch.Ids;
        scratch.Space.Codes.CheckRows(ids, n);
        var codes = scratch.Space.Codes.View;
        var rows = batch.Rows;
        var lines = Math.Min(EarlyLines, (scratch.Space.Codec.RowBytes + CacheLine - 1) / CacheLine);
        for (var i = 0; i < n; i++)
        {
            var code = codes.Row(ids[i]);
            rows[i] = code;
            for (var line = 0; line < lines; line++)
                Prefetch(code + line * CacheLine);
        }
        if (scratch.Space.Terms != null)
        {
            var terms = batch.Terms;
            for (var i = 0; i < n; i++)
            {
                var term = (float*)scratch.Space.Terms.Row(ids[i]);
                Prefetch(term);
                terms[i] = term;
            }
        }
    }

    /// <summary>The terms array for Score: null where the codec has no terms.</summary>
    public static float** TermRows(SearchScratch scratch, NodeBatch batch) => scratch.Space.Terms == null ? null : batch.Terms;

    public static float** TermRows(SearchScratch scratch) => TermRows(scratch, scratch.First);
}
