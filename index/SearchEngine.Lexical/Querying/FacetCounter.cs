using Lucene.Net.Index;

namespace SearchEngine.Lexical.Querying;

/// <summary>Counts a field's values over documents, segment by segment.</summary>
internal sealed class FacetCounter
{
    private readonly LexicalField _field;
    private readonly LexicalFacetRequest _request;
    private readonly object[]? _borders;
    private readonly Dictionary<object, int> _counts = new(ValueComparer.Instance);
    private readonly int[] _ranges;
    private int _missing;

    // The segment at hand.
    private FieldColumn? _column;
    private int[] _places = [];
    private int[] _rangeOf = [];

    internal FacetCounter(LexicalField field, LexicalFacetRequest request)
    {
        _field = field;
        _request = request;
        _borders = request.Borders?.Select(border => ColumnValues.Widen(field, border)).ToArray();
        for (var i = 1; i < (_borders?.Length ?? 0); i++)
        {
            if (ColumnValues.Compare(_borders![i - 1], _borders[i]) >= 0)
                throw new ArgumentException($"The borders of the ranges of field '{field.Name}' must ascend.");
        }
        _ranges = new int[(_borders?.Length ?? -1) + 1];
    }

    internal void Enter(AtomicReader segment)
    {
        Leave();
        _column = FieldColumn.Of(segment, _field);
        _places = new int[_column.Values.Length];
        _rangeOf = _borders is null ? [] : Array.ConvertAll(_column.Values, RangeOf);
    }

    internal void Add(int document)
    {
        var places = _column!.Places(document);
        if (places.IsEmpty)
            _missing++;
        if (_borders is null)
        {
            foreach (var place in places)
                _places[place]++;
            return;
        }
        // Values ascend: those of one range follow each other, and a document counts once in it.
        var last = -1;
        foreach (var place in places)
        {
            var range = _rangeOf[place];
            if (range >= 0 && range != last)
                _ranges[range]++;
            last = range;
        }
    }

    internal LexicalFacet Result()
    {
        Leave();
        if (_borders is not null)
        {
            var ranges = _ranges.Select(
                (count, i) => new LexicalFacetValue(i == 0 ? null : _borders[i - 1], count, i == _borders.Length ? null : _borders[i])
            );
            return new LexicalFacet(_field.Name, [.. ranges], _ranges.Length, _missing);
        }
        var best = _counts
            .OrderByDescending(pair => pair.Value)
            .ThenBy(pair => pair.Key, Comparer<object>.Create(ColumnValues.Compare))
            .Take(_request.Top)
            .Select(pair => new LexicalFacetValue(pair.Key, pair.Value));
        return new LexicalFacet(_field.Name, [.. best], _counts.Count, _missing);
    }

    private void Leave()
    {
        for (var place = 0; place < _places.Length; place++)
        {
            if (_places[place] > 0)
                _counts[_column!.Values[place]] = _counts.GetValueOrDefault(_column.Values[place]) + _places[place];
        }
        _places = [];
    }

    /// <summary>The range of a value; -1 for NaN, which is in none.</summary>
    private int RangeOf(object value)
    {
        if (value is double.NaN)
            return -1;
        var at = Array.BinarySearch(_borders!, value, Comparer<object>.Create(ColumnValues.Compare));
        return at >= 0 ? at + 1 : ~at;
    }
}
