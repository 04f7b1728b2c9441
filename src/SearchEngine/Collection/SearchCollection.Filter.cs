namespace SearchEngine;

public sealed partial class SearchCollection
{
    /// <summary>
    /// The live ordinals that match a bound filter, as a bit array. Conditions on indexed fields are answered by the keyword index,
    /// those on keys by the key map, the others by reading the records that the rest of an And lets through.
    /// </summary>
    private ulong[] ResolveFilter(DocumentFilter filter, CancellationToken cancellationToken)
    {
        var words = _live.ToWords();
        return Reading(() =>
        {
            Restrict(words, filter, cancellationToken);
            return words;
        });
    }

    /// <summary>Clears the ordinals that do not match.</summary>
    private void Restrict(ulong[] words, DocumentFilter filter, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_lexical is not null && LexicalMapping.ToLexical(Schema, filter) is { } lexical)
        {
            RefreshLexical();
            Intersect(words, _lexical.Filter(lexical).Words);
            return;
        }

        switch (filter)
        {
            case DocumentFilter.Constant constant:
                if (!constant.Value) Array.Clear(words);
                return;
            case DocumentFilter.And and:
                // Cheap conditions first: what they clear need not be read.
                foreach (var condition in and.Conditions.OrderBy(c => ReadsRecords(c) ? 1 : 0)) Restrict(words, condition, cancellationToken);
                return;
            case DocumentFilter.Or or:
                var any = new ulong[words.Length];
                foreach (var condition in or.Conditions)
                {
                    var matching = Except(words, any);
                    Restrict(matching, condition, cancellationToken);
                    for (var i = 0; i < any.Length; i++) any[i] |= matching[i];
                }

                any.CopyTo(words, 0);
                return;
            case DocumentFilter.Not not:
                var excluded = (ulong[])words.Clone();
                Restrict(excluded, not.Condition, cancellationToken);
                Except(words, excluded).CopyTo(words, 0);
                return;
            case DocumentFilter.Comparison { Field: DocumentFilter.KeyField, Operator: ComparisonOperator.Equal } comparison:
                Intersect(words, KeyOrdinals([comparison.Value], words.Length));
                return;
            case DocumentFilter.In { Field: DocumentFilter.KeyField } inKeys:
                Intersect(words, KeyOrdinals(inKeys.Values, words.Length));
                return;
            default:
                for (var i = 0; i < words.Length; i++)
                {
                    for (var word = words[i]; word != 0; word &= word - 1)
                    {
                        var ordinal = i * 64 + System.Numerics.BitOperations.TrailingZeroCount(word);
                        if (ReadDocument(ordinal, includeVectors: false) is not { } document || !FilterEvaluator.Matches(filter, document))
                            words[i] &= ~(1UL << (ordinal % 64));
                    }

                    cancellationToken.ThrowIfCancellationRequested();
                }

                return;
        }
    }

    private bool ReadsRecords(DocumentFilter filter) => filter switch
    {
        _ when _lexical is not null && LexicalMapping.ToLexical(Schema, filter) is not null => false,
        DocumentFilter.Constant => false,
        DocumentFilter.And c => c.Conditions.Any(ReadsRecords),
        DocumentFilter.Or c => c.Conditions.Any(ReadsRecords),
        DocumentFilter.Not c => ReadsRecords(c.Condition),
        DocumentFilter.Comparison { Field: DocumentFilter.KeyField, Operator: ComparisonOperator.Equal } => false,
        DocumentFilter.In { Field: DocumentFilter.KeyField } => false,
        _ => true,
    };

    private ulong[] KeyOrdinals(IEnumerable<object?> keys, int length)
    {
        var words = new ulong[length];
        foreach (var key in keys)
        {
            if (key is null) continue;
            if (key is string { Length: 0 }) continue;
            var ordinal = FindOrdinal(RecordKey.FromObject(key).Encode());
            if (ordinal >= 0 && ordinal / 64 < length) Ordinals.Set(words, ordinal);
        }

        return words;
    }

    private static void Intersect(ulong[] words, ulong[] with)
    {
        for (var i = 0; i < words.Length; i++) words[i] &= i < with.Length ? with[i] : 0;
    }

    private static ulong[] Except(ulong[] words, ulong[] without)
    {
        var rest = new ulong[words.Length];
        for (var i = 0; i < rest.Length; i++) rest[i] = words[i] & ~without[i];
        return rest;
    }

    /// <summary>Makes acknowledged writes visible to keyword searches; nothing to do where there were none since the last time.</summary>
    private void RefreshLexical()
    {
        var written = Volatile.Read(ref _lexicalWrites);
        if (Volatile.Read(ref _lexicalRefreshed) >= written) return;
        lock (_refreshLock)
        {
            written = Volatile.Read(ref _lexicalWrites);
            if (_lexicalRefreshed >= written) return;
            _lexical!.Refresh();
            Volatile.Write(ref _lexicalRefreshed, written);
        }
    }
}
