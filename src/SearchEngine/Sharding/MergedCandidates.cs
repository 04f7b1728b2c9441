using SearchEngine.Lexical;
using SearchEngine.Reading;
using SearchEngine.Vectors;

namespace SearchEngine.Sharding;

/// <summary>
/// The candidates of all shards as those of one collection: each ranking merged, records under numbers of their own, ascending by shard and
/// by number in it. The first of a merged ranking do not depend on how deep the shards looked, since the best of the shards' next is taken
/// again and again. Immutable once made.
/// </summary>
internal sealed class MergedCandidates
{
    private readonly SearchPlan _plan;
    private readonly IReadOnlyList<(int Shard, ShardCandidates Found)> _parts;
    private readonly int[] _starts;

    public MergedCandidates(SearchPlan plan, IReadOnlyList<(int Shard, ShardCandidates Found)> parts)
    {
        (_plan, _parts) = (plan, parts);
        _starts = new int[parts.Count + 1];
        for (var i = 0; i < parts.Count; i++)
            _starts[i + 1] = _starts[i] + parts[i].Found.Records.Length;
        Candidates = Make();
        Explained = ExplainedOf();
    }

    /// <summary>As one collection's rankers bring them.</summary>
    public Candidates Candidates { get; }

    /// <summary>The record that the search is to say something about; null where there is none.</summary>
    public ExplainedRecord? Explained { get; }

    /// <summary>Where a record is: the place of its shard among the parts, its shard's moment, and its number there.</summary>
    public (int Part, long Moment, int Record) PlaceOf(int ordinal)
    {
        var part = PartOf(ordinal);
        return (part, _parts[part].Found.Moment, _parts[part].Found.Records[ordinal - _starts[part]]);
    }

    private Candidates Make()
    {
        var rankings = Enumerable.Range(0, _plan.Vectors.Count).Select(Nearest).ToArray();
        var keyword = _plan.Request.Sort is { } sort ? Sorted(sort) : Keyword();
        if (_plan.Vector is null)
            return new Candidates([], keyword);
        var joint = _plan.IsJoint
            ? new JointRanking(_plan.Vectors, rankings, SearchPlan.Depths(_plan.FirstDepth, _plan.Depth), DistancesOf)
            : null;
        var found = new Candidates(joint?.Hits ?? rankings[0], keyword) { Joint = joint };
        return _plan.ScoresUnion
            ? found.ScoreUnion(ordinals => DistancesOf(0, ordinals), ordinals => Array.ConvertAll(ordinals, ScoreOf))
            : found;
    }

    private VectorHit[] Nearest(int target) =>
        Merge<VectorHit>(
            _parts.Select(
                (part, p) =>
                    part.Found.Nearest[target].Select(place => new VectorHit(_starts[p] + place, part.Found.Distances[target][place]))
            ),
            (a, b) => a.Distance != b.Distance ? a.Distance.CompareTo(b.Distance) : a.Ordinal.CompareTo(b.Ordinal)
        );

    private LexicalHit[] Keyword() =>
        Merge<LexicalHit>(KeywordParts(), (a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Ordinal.CompareTo(b.Ordinal));

    private LexicalHit[] Sorted(SortOrder sort)
    {
        var rows = KeywordParts()
            .Select((hits, p) => hits.Zip(_parts[p].Found.SortValues, (hit, value) => (Hit: hit, Value: LexicalMapping.Value(value))));
        return
        [
            .. Merge(
                    rows,
                    (a, b) =>
                        FieldOrder.Compare(a.Value, b.Value, sort.Descending) is var order && order != 0
                            ? order
                            : a.Hit.Ordinal.CompareTo(b.Hit.Ordinal)
                )
                .Select(row => row.Hit),
        ];
    }

    private IEnumerable<IEnumerable<LexicalHit>> KeywordParts() =>
        _parts.Select((part, p) => part.Found.Keyword.Select(place => new LexicalHit(_starts[p] + place, part.Found.Scores[place])));

    /// <summary>Takes the best of the rankings' next ones, as many as the search looks at.</summary>
    private T[] Merge<T>(IEnumerable<IEnumerable<T>> rankings, Comparison<T> order)
    {
        var merged = new List<T>();
        var next = new PriorityQueue<IEnumerator<T>, T>(Comparer<T>.Create(order));
        foreach (var ranking in rankings)
        {
            var first = ranking.GetEnumerator();
            if (first.MoveNext())
                next.Enqueue(first, first.Current);
        }

        while (merged.Count < _plan.Depth && next.TryDequeue(out var best, out var hit))
        {
            merged.Add(hit);
            if (best.MoveNext())
                next.Enqueue(best, best.Current);
        }

        return [.. merged];
    }

    private float[] DistancesOf(int target, int[] ordinals) =>
        Array.ConvertAll(
            ordinals,
            ordinal =>
            {
                var part = PartOf(ordinal);
                return _parts[part].Found.Distances[target][ordinal - _starts[part]];
            }
        );

    private float ScoreOf(int ordinal)
    {
        var part = PartOf(ordinal);
        return _parts[part].Found.Scores[ordinal - _starts[part]];
    }

    private int PartOf(int ordinal)
    {
        var at = Array.BinarySearch(_starts, ordinal);
        if (at < 0)
            return ~at - 1;
        // A part without candidates begins where the next one does.
        while (_starts[at + 1] == ordinal)
            at++;
        return at;
    }

    private ExplainedRecord? ExplainedOf()
    {
        for (var p = 0; p < _parts.Count; p++)
        {
            if (_parts[p].Found.Explained < 0)
                continue;
            var ordinal = _starts[p] + _parts[p].Found.Explained;
            var distances = Enumerable.Range(0, _plan.Vectors.Count).Select(i => DistancesOf(i, [ordinal])[0]);
            var score = ScoreOf(ordinal);
            return new ExplainedRecord(
                ordinal,
                [.. distances.Select(distance => float.IsNaN(distance) ? (float?)null : distance)],
                _plan.Keyword is not null && score > 0 ? score : null
            );
        }

        return null;
    }
}
