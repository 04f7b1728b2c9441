using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using SearchEngine.Vectors.Memory;

namespace SearchEngine.Vectors.Hnsw;

public sealed partial class HnswIndex
{
    private const int CacheLine = 64;

    // Lines of each candidate's code that are asked for as soon as it is met; the rest follows while earlier ones are scored.
    private const int EarlyLines = 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Prefetch(void* address)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(address);
    }

    // Walks down the upper layers to the node nearest to the query on the layer above `level`.
    private unsafe (int Node, float Distance) Descend(SearchScratch scratch, byte* query, long entry, int level)
    {
        int node = (int)entry;
        scratch.Ids[0] = node;
        float best = ScoreOne(scratch, query, node);
        for (int l = (int)(entry >> 32); l > level; l--)
        {
            while (true)
            {
                int* row = _graph.Links(node, l);
                int n = 0;
                for (int i = 0; i < _graph.M; i++)
                {
                    int id = Volatile.Read(ref row[i]);
                    if (id < 0)
                        break;
                    if (id < scratch.NodeLimit)
                        Gather(scratch, n++, id);
                }
                scratch.Space.Codec.Score(query, scratch.Rows, TermRows(scratch), n, scratch.Distances);
                int nearest = -1;
                for (int i = 0; i < n; i++)
                {
                    if (scratch.Distances[i] < best)
                    {
                        best = scratch.Distances[i];
                        nearest = scratch.Ids[i];
                    }
                }
                if (nearest < 0)
                    break;
                node = nearest;
            }
        }
        return (node, best);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private unsafe void Gather(SearchScratch scratch, int position, int id)
    {
        byte* row = scratch.Space.Codes.Row(id);
        Prefetch(row);
        Prefetch(row + CacheLine);
        scratch.Ids[position] = id;
        scratch.Rows[position] = row;
        if (scratch.Space.Terms != null)
        {
            float* terms = (float*)scratch.Space.Terms.Row(id);
            Prefetch(terms);
            scratch.Terms[position] = terms;
        }
    }

    private unsafe float ScoreOne(SearchScratch scratch, byte* query, int node)
    {
        Gather(scratch, 0, node);
        scratch.Space.Codec.Score(query, scratch.Rows, TermRows(scratch), 1, scratch.Distances);
        return scratch.Distances[0];
    }

    /// <summary>Best-first search of one layer from a node; fills the beam. Leaves the visited set filled; the caller clears it. Returns the number of expanded nodes.</summary>
    private unsafe int SearchLayer(SearchScratch scratch, byte* query, ref Beam beam, int start, float startDistance, int level)
    {
        VisitedSet visited = scratch.Visited;
        visited.Add(start);
        beam.Insert(startDistance, start);
        int node, hops = 0;
        while ((node = beam.Expand()) >= 0)
        {
            hops++;
            int n = CollectUnvisited(scratch, visited, _graph.Links(node, level), _graph.MaxLinks(level));
            int next = beam.PeekNext();
            if (next >= 0)
                Prefetch(_graph.Links(next, level));
            if (n == 0)
                continue;
            scratch.Space.Codec.Score(query, scratch.Rows, TermRows(scratch), n, scratch.Distances);
            float limit = beam.Limit;
            for (int i = 0; i < n; i++)
            {
                float distance = scratch.Distances[i];
                if (distance < limit)
                {
                    beam.Insert(distance, scratch.Ids[i]);
                    limit = beam.Limit;
                }
            }
        }
        return hops;
    }

    // How many nodes a search of the base layer expands: for tests that watch the quality of the graph.
    internal unsafe int MeasureHops(ReadOnlySpan<float> query, int ef)
    {
        SearchScratch scratch = Rent();
        try
        {
            scratch.Begin(_graph.Slots);
            scratch.EnsureBeams(ef);
            Prepare(query, scratch.Vector);
            scratch.Space.Codec.PrepareQuery(scratch.Vector, scratch.Work, scratch.Query);
            (int start, float distance) = Descend(scratch, scratch.Query, _graph.Entry, 0);
            Beam beam = scratch.BeamOf(0, ef);
            return SearchLayer(scratch, scratch.Query, ref beam, start, distance, 0);
        }
        finally
        {
            Return(scratch);
        }
    }

    // Puts the nodes of a row that were not met before into the batch, marks them, and asks for their codes.
    private unsafe int CollectUnvisited(SearchScratch scratch, VisitedSet visited, int* row, int max)
    {
        int n = 0;
        int* ids = scratch.Ids;
        ulong* bits = visited.Bits;
        int capacity = scratch.NodeLimit;
        for (int i = 0; i < max; i++)
        {
            int id = row[i];
            if ((uint)id >= (uint)capacity)
            {
                if (id < 0)
                    break;
                continue;
            }
            ref ulong word = ref bits[(uint)id >> 6];
            ulong bit = 1UL << id;
            if ((word & bit) != 0)
                continue;
            word |= bit;
            visited.Touch(id);
            ids[n++] = id;
        }
        TableView codes = scratch.Space.Codes.View;
        byte** rows = scratch.Rows;
        int lines = Math.Min(EarlyLines, (scratch.Space.Codec.RowBytes + CacheLine - 1) / CacheLine);
        for (int i = 0; i < n; i++)
        {
            byte* code = codes.Row(ids[i]);
            rows[i] = code;
            for (int line = 0; line < lines; line++)
                Prefetch(code + line * CacheLine);
        }
        if (scratch.Space.Terms != null)
        {
            float** terms = scratch.Terms;
            for (int i = 0; i < n; i++)
            {
                float* term = (float*)scratch.Space.Terms.Row(ids[i]);
                Prefetch(term);
                terms[i] = term;
            }
        }
        return n;
    }

    // The terms array for Score: null where the codec has no terms.
    private unsafe float** TermRows(SearchScratch scratch) => scratch.Space.Terms == null ? null : scratch.Terms;
}
