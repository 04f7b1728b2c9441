using Lucene.Net.Search;
using Lucene.Net.Util;

namespace SearchEngine.Lexical.Querying;

/// <summary>A <see cref="TopSearch"/> in one segment.</summary>
internal sealed class SegmentSearch
{
    /// <summary>
    /// A word of fewer documents is bounded by its value alone: walking its postings to know better costs what it spares.
    /// </summary>
    private const int MinBoundedDocuments = 128;

    /// <summary>Bounds and scores are rounded apart: this is more than both roundings.</summary>
    private const double BoundMargin = 1 + 1e-6;

    private readonly TopSearch _search;
    private readonly SegmentData _data;
    private readonly float[] _lengths;
    private readonly IBits? _live;
    private readonly ScoreWindow _window;
    private readonly bool _visitsAll;
    private readonly double _quantum;

    // By ascending bound; _bounds[i] is what the first i clauses can give together.
    private readonly ClauseCursor[] _cursors;
    private readonly Saturation[] _saturations;
    private readonly double[] _bounds;
    private int _matches;

    internal SegmentSearch(TopSearch search, SegmentData data, float[] lengths, IBits? live, ClauseCursor[] cursors, ScoreWindow window)
    {
        _search = search;
        _data = data;
        _lengths = lengths;
        _live = live;
        _window = window;
        _quantum = Saturation.Quantum(search.Query.Rounder);
        _visitsAll = search.Matched is not null || search.HasOperators || !search.Prunes;
        if (!_visitsAll)
        {
            foreach (var cursor in cursors)
                cursor.Bound = Bound(cursor);
            Array.Sort(cursors, (a, b) => a.Bound.CompareTo(b.Bound));
        }
        _cursors = cursors;
        _saturations = Array.ConvertAll(cursors, c => search.Query.Saturation(lengths, c.Clause));
        _bounds = new double[cursors.Length + 1];
        for (var i = 0; i < cursors.Length; i++)
            _bounds[i + 1] = _bounds[i] + cursors[i].Bound;
    }

    /// <summary>Searches the segment.</summary>
    /// <returns>The matches that pass the filter, where they are counted.</returns>
    internal int Run()
    {
        foreach (var cursor in _cursors)
            cursor.AdvanceTo(0);
        while (true)
        {
            var essential = _visitsAll ? 0 : FirstEssential();
            var start = DocIdSetIterator.NO_MORE_DOCS;
            for (var i = essential; i < _cursors.Length; i++)
                start = Math.Min(start, _cursors[i].Document);
            if (start == DocIdSetIterator.NO_MORE_DOCS)
                return _matches;
            var end = Math.Min(start + ScoreWindow.Size, _lengths.Length);
            _window.Reset(start, _search.HasOperators);
            for (var i = essential; i < _cursors.Length; i++)
            {
                if (_cursors[i].Clause.Clause.Kind == ClauseKind.Optional)
                    _cursors[i].Score(_window, _saturations[i], end);
                else
                    Mark(_cursors[i], _saturations[i], end);
            }
            Collect(essential, end);
        }
    }

    /// <summary>Documents of the clauses before it alone stay below the threshold.</summary>
    private int FirstEssential()
    {
        var essential = 0;
        while (essential < _cursors.Length && _bounds[essential + 1] < _search.Hits.Threshold)
            essential++;
        return essential;
    }

    private double Bound(ClauseCursor cursor)
    {
        var clause = cursor.Clause;
        var saturation = 1f;
        if (cursor.Cost >= MinBoundedDocuments && cursor.Key is { } key)
        {
            var bound = _data.Bound(
                key,
                () =>
                {
                    var builder = new ScoreBound.Builder();
                    cursor.Fresh().ForEach((document, frequency) => builder.Add(frequency, _lengths[document]));
                    return builder.Build();
                }
            );
            saturation = bound.Saturation(_search.Query.Base, _search.Query.Slope);
        }
        return clause.Value * saturation * BoundMargin + _quantum;
    }

    private void Mark(ClauseCursor cursor, in Saturation saturation, int end)
    {
        var required = cursor.Clause.Clause.Kind == ClauseKind.Required;
        for (var document = cursor.Document; document < end; document = cursor.Document)
        {
            if (required)
            {
                _window.Add(document, saturation.Part(cursor.FrequencyIn(document), document));
                _window.Require(document);
            }
            else
            {
                _window.Exclude(document);
            }
            cursor.AdvanceTo(document + 1);
        }
    }

    private void Collect(int essential, int end)
    {
        var visitsAll = _visitsAll && _search.Matched is not null;
        for (var document = _window.Start; ; document++)
        {
            var threshold = _search.Hits.Threshold;
            var least = visitsAll ? _quantum : Math.Max(threshold - _bounds[essential], _quantum);
            document = document < end ? _window.Next(document, end, least) : -1;
            if (document < 0)
                return;
            if (_search.HasOperators && !_window.Allows(document, _search.RequiredCount))
                continue;
            var ordinal = _data.Ordinals[document];
            if (_search.Filter is not null && !_search.Filter.Contains(ordinal) || _live is not null && !_live.Get(document))
                continue;
            _matches++;
            _search.Matched?.Invoke(_data, document);
            if (Complete(document, essential, threshold) is var score && score >= threshold)
                _search.Hits.Offer(score, ordinal);
        }
    }

    /// <summary>Adds what the clauses that are not essential give, the greatest first, as long as the threshold can be reached.</summary>
    private double Complete(int document, int essential, double threshold)
    {
        var score = _window[document];
        for (var i = essential - 1; i >= 0; i--)
        {
            if (score + _bounds[i + 1] < threshold)
                return -1;
            if (_cursors[i].FrequencyIn(document) is var frequency && frequency > 0)
                score += _saturations[i].Part(frequency, document);
        }
        return score;
    }
}
