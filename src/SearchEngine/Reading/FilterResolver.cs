using System.Numerics;
using SearchEngine.Moments;

namespace SearchEngine.Reading;

/// <summary>
/// Finds the records of a moment that match a filter. Conditions on indexed fields are answered by the keyword index, those on keys by the
/// key map, the others by reading the records that the rest of an And lets through. Thread-safe.
/// </summary>
internal sealed class FilterResolver(
    CollectionSchema schema,
    LexicalView? lexical,
    KeyDirectory keys,
    RecordReader records,
    CollectionErrors errors
)
{
    /// <summary>The ordinals that match, as a new bit array.</summary>
    /// <param name="moment">The moment, which the caller has entered.</param>
    /// <param name="filter">A bound filter.</param>
    /// <param name="cancellationToken">Stops between records.</param>
    public ulong[] Resolve(CollectionMoment moment, DocumentFilter filter, CancellationToken cancellationToken)
    {
        var words = moment.Live.ToWords();
        try
        {
            Restrict(moment, words, filter, cancellationToken);
        }
        catch (Exception e) when (CollectionErrors.IsUnreadable(e))
        {
            throw errors.Unreadable(e);
        }

        return words;
    }

    /// <summary>Clears the ordinals that do not match.</summary>
    private void Restrict(CollectionMoment moment, ulong[] words, DocumentFilter filter, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (lexical is not null && LexicalMapping.ToLexical(schema, filter) is { } indexed)
        {
            Intersect(words, lexical.Fresh().Filter(indexed).Words);
            return;
        }

        switch (filter)
        {
            case DocumentFilter.Constant constant:
                if (!constant.Value)
                    Array.Clear(words);
                return;
            case DocumentFilter.And and:
                // Cheap conditions first: what they clear need not be read.
                foreach (var condition in and.Conditions.OrderBy(c => ReadsRecords(c) ? 1 : 0))
                    Restrict(moment, words, condition, cancellationToken);
                return;
            case DocumentFilter.Or or:
                var any = new ulong[words.Length];
                foreach (var condition in or.Conditions)
                {
                    var matching = Except(words, any);
                    Restrict(moment, matching, condition, cancellationToken);
                    for (var i = 0; i < any.Length; i++)
                        any[i] |= matching[i];
                }

                any.CopyTo(words, 0);
                return;
            case DocumentFilter.Not not:
                var excluded = (ulong[])words.Clone();
                Restrict(moment, excluded, not.Condition, cancellationToken);
                Except(words, excluded).CopyTo(words, 0);
                return;
            case DocumentFilter.Comparison { Field: DocumentFilter.KeyField, Operator: ComparisonOperator.Equal } comparison:
                Intersect(words, KeyOrdinals(moment, [comparison.Value], words.Length));
                return;
            case DocumentFilter.In { Field: DocumentFilter.KeyField } inKeys:
                Intersect(words, KeyOrdinals(moment, inKeys.Values, words.Length));
                return;
            default:
                ReadAndRestrict(words, filter, cancellationToken);
                return;
        }
    }

    private void ReadAndRestrict(ulong[] words, DocumentFilter filter, CancellationToken cancellationToken)
    {
        for (var i = 0; i < words.Length; i++)
        {
            for (var word = words[i]; word != 0; word &= word - 1)
            {
                var ordinal = i * 64 + BitOperations.TrailingZeroCount(word);
                if (!FilterEvaluator.Matches(filter, records.Read(ordinal, includeVectors: false)))
                    words[i] &= ~(1UL << (ordinal % 64));
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private bool ReadsRecords(DocumentFilter filter) =>
        filter switch
        {
            _ when lexical is not null && LexicalMapping.ToLexical(schema, filter) is not null => false,
            DocumentFilter.Constant => false,
            DocumentFilter.And c => c.Conditions.Any(ReadsRecords),
            DocumentFilter.Or c => c.Conditions.Any(ReadsRecords),
            DocumentFilter.Not c => ReadsRecords(c.Condition),
            DocumentFilter.Comparison { Field: DocumentFilter.KeyField, Operator: ComparisonOperator.Equal } => false,
            DocumentFilter.In { Field: DocumentFilter.KeyField } => false,
            _ => true,
        };

    private ulong[] KeyOrdinals(CollectionMoment moment, IEnumerable<object?> values, int length)
    {
        var words = new ulong[length];
        foreach (var value in values)
        {
            if (value is null or string { Length: 0 })
                continue;
            var ordinal = keys.Find(moment, RecordKey.FromObject(value));
            if (ordinal >= 0 && ordinal / 64 < length)
                Ordinals.Set(words, ordinal);
        }

        return words;
    }

    private static void Intersect(ulong[] words, ulong[] with)
    {
        for (var i = 0; i < words.Length; i++)
            words[i] &= i < with.Length ? with[i] : 0;
    }

    private static ulong[] Except(ulong[] words, ulong[] without)
    {
        var rest = new ulong[words.Length];
        for (var i = 0; i < rest.Length; i++)
            rest[i] = words[i] & ~without[i];
        return rest;
    }
}
