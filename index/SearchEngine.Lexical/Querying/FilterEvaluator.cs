using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Util;
using SearchEngine.Lexical.Indexing;

namespace SearchEngine.Lexical.Querying;

/// <summary>Evaluates a filter segment by segment on bit sets of documents. Only the final result is cut to live documents.</summary>
internal sealed partial class FilterEvaluator(IReadOnlyDictionary<string, LexicalField> fields)
{
    internal OrdinalBits Evaluate(LexicalFilter filter, IndexReader reader)
    {
        var key = FilterKey.Of(filter);
        return FilterCache.Ordinals(reader, key, () => Evaluate(filter, key, reader));
    }

    private OrdinalBits Evaluate(LexicalFilter filter, string? key, IndexReader reader)
    {
        var ordinals = new OrdinalBitsBuilder();
        foreach (var leaf in reader.Leaves)
        {
            var segment = leaf.AtomicReader;
            var live = segment.LiveDocs;
            var ordinalOf = SegmentData.Of(segment).Ordinals;
            var words = FilterCache.Documents(segment, key, () => Evaluate(filter, segment)).GetBits();
            for (var i = 0; i < words.Length; i++)
            {
                for (var word = (ulong)words[i]; word != 0; word &= word - 1)
                {
                    var doc = (i << 6) + System.Numerics.BitOperations.TrailingZeroCount(word);
                    if (live is null || live.Get(doc))
                        ordinals.Add(ordinalOf[doc]);
                }
            }
        }
        return ordinals.Build();
    }

    private FixedBitSet Evaluate(LexicalFilter filter, AtomicReader segment)
    {
        switch (filter)
        {
            case LexicalFilter.AllFilter:
                return Complement(new FixedBitSet(segment.MaxDoc), segment);
            case LexicalFilter.And and:
                FixedBitSet? all = null;
                foreach (var part in and.Filters)
                {
                    var matches = Evaluate(part, segment);
                    if (all is null)
                        all = matches;
                    else
                        all.And(matches);
                }
                return all ?? Evaluate(LexicalFilter.All, segment);
            case LexicalFilter.Or or:
                var any = new FixedBitSet(segment.MaxDoc);
                foreach (var part in or.Filters)
                    any.Or(Evaluate(part, segment));
                return any;
            case LexicalFilter.Not not:
                return Complement(Evaluate(not.Inner, segment), segment);
            case LexicalFilter.IsNull isNull:
                return Absent(isNull.Field, segment);
            case LexicalFilter.Equal equals:
                return EqualTo(equals.Field, equals.Value, segment);
            case LexicalFilter.NotEqual notEquals:
                return Complement(EqualTo(notEquals.Field, notEquals.Value, segment), segment);
            case LexicalFilter.In isIn:
                return AnyOf(isIn.Field, isIn.Values, segment);
            case LexicalFilter.Contains contains:
                return AnyOf(contains.Field, [contains.Value], segment);
            case LexicalFilter.Any anyOf:
                return AnyOf(anyOf.Field, anyOf.Values, segment);
            case LexicalFilter.Less less:
                return Between(less.Field, null, false, less.Value, false, less.Value, segment);
            case LexicalFilter.LessOrEqual less:
                return Between(less.Field, null, false, less.Value, true, less.Value, segment);
            case LexicalFilter.Greater greater:
                return Between(greater.Field, greater.Value, false, null, false, greater.Value, segment);
            case LexicalFilter.GreaterOrEqual greater:
                return Between(greater.Field, greater.Value, true, null, false, greater.Value, segment);
            default:
                throw new ArgumentException($"Unknown filter {filter.GetType().Name}.");
        }
    }

    private FixedBitSet EqualTo(string name, object? value, AtomicReader segment)
    {
        if (value is null)
            return Absent(name, segment);
        var matches = new FixedBitSet(segment.MaxDoc);
        // In C#, nothing == NaN.
        if (!ValueCodec.IsNaN(value))
            Collect(segment, FieldNames.Value(name), [ValueCodec.ToTerm(fields[name], value)], matches);
        return matches;
    }

    // Contains compares with Equals, for which NaN equals NaN.
    private FixedBitSet AnyOf(string name, IReadOnlyList<object?> values, AtomicReader segment)
    {
        var field = fields[name];
        var matches = new FixedBitSet(segment.MaxDoc);
        Collect(segment, FieldNames.Value(name), values.Where(v => v is not null).Select(v => ValueCodec.ToTerm(field, v!)), matches);
        if (values.Any(v => v is null))
        {
            if (field.IsList)
                Collect(segment, FieldNames.NullElement, [new BytesRef(name)], matches);
            else
                matches.Or(Absent(name, segment));
        }
        return matches;
    }

    private FixedBitSet Between(
        string name,
        object? low,
        bool lowInclusive,
        object? high,
        bool highInclusive,
        object? value,
        AtomicReader segment
    )
    {
        var matches = new FixedBitSet(segment.MaxDoc);
        if (value is null || ValueCodec.IsNaN(value))
            return matches;
        var field = fields[name];
        var lucene = FieldNames.Value(name);
        if (field.Kind is LexicalFieldKind.String or LexicalFieldKind.Bytes)
        {
            CollectRange(
                segment,
                lucene,
                low is null ? null : ValueCodec.ToTerm(field, low),
                lowInclusive,
                high is null ? null : ValueCodec.ToTerm(field, high),
                highInclusive,
                matches
            );
            return matches;
        }
        (long? from, long? to) = (
            low is null ? null : ValueCodec.ToSortable(field, low),
            high is null ? null : ValueCodec.ToSortable(field, high)
        );
        if (field.Kind == LexicalFieldKind.Double)
        {
            // NaN sorts outside the infinities: an open end stops at them.
            if (from is null)
                (from, lowInclusive) = (ValueCodec.ToSortable(field, double.NegativeInfinity), true);
            if (to is null)
                (to, highInclusive) = (ValueCodec.ToSortable(field, double.PositiveInfinity), true);
        }
        var documents = NumericRangeFilter
            .NewInt64Range(lucene, DocumentBuilder.PrecisionStep, from, to, lowInclusive, highInclusive)
            .GetDocIdSet(segment.AtomicContext, null)
            ?.GetIterator();
        if (documents is not null)
            matches.Or(documents);
        return matches;
    }

    private static FixedBitSet Absent(string name, AtomicReader segment)
    {
        var present = new FixedBitSet(segment.MaxDoc);
        Collect(segment, FieldNames.Present, [new BytesRef(name)], present);
        return Complement(present, segment);
    }

    private static FixedBitSet Complement(FixedBitSet bits, AtomicReader segment)
    {
        bits.Flip(0, segment.MaxDoc);
        return bits;
    }

    private static void Collect(AtomicReader segment, string field, IEnumerable<BytesRef> terms, FixedBitSet matches)
    {
        var found = segment.GetTerms(field)?.GetEnumerator();
        if (found is null)
            return;
        DocsEnum? documents = null;
        foreach (var term in terms)
        {
            if (found.SeekExact(term))
                documents = Collect(found, documents, matches);
        }
    }

    private static void CollectRange(
        AtomicReader segment,
        string field,
        BytesRef? low,
        bool lowInclusive,
        BytesRef? high,
        bool highInclusive,
        FixedBitSet matches
    )
    {
        var found = segment.GetTerms(field)?.GetEnumerator();
        if (found is null)
            return;
        if (low is null)
        {
            if (!found.MoveNext())
                return;
        }
        else
        {
            var status = found.SeekCeil(low);
            if (status == TermsEnum.SeekStatus.END)
                return;
            if (status == TermsEnum.SeekStatus.FOUND && !lowInclusive && !found.MoveNext())
                return;
        }
        DocsEnum? documents = null;
        do
        {
            if (high is not null)
            {
                var order = found.Term.CompareTo(high);
                if (order > 0 || order == 0 && !highInclusive)
                    return;
            }
            documents = Collect(found, documents, matches);
        } while (found.MoveNext());
    }

    private static DocsEnum Collect(TermsEnum term, DocsEnum? reuse, FixedBitSet matches)
    {
        var documents = term.Docs(null, reuse, DocsFlags.NONE);
        for (var doc = documents.NextDoc(); doc != DocIdSetIterator.NO_MORE_DOCS; doc = documents.NextDoc())
            matches.Set(doc);
        return documents;
    }
}
