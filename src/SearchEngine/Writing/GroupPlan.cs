using SearchEngine.Moments;

namespace SearchEngine.Writing;

/// <summary>What a key has after the batches of a group that were planned so far.</summary>
/// <param name="EncodedKey">The key, encoded.</param>
/// <param name="Before">The ordinal it had before the group; -1 for none.</param>
/// <param name="Ordinal">The ordinal it has now; -1 for none.</param>
/// <param name="Record">The record that the group gave it; null where the group gave it none.</param>
/// <param name="Version">The version of that record.</param>
internal readonly record struct KeyState(
    byte[] EncodedKey,
    int Before,
    int Ordinal,
    NewRecord? Record = null,
    RecordVersion Version = default
);

/// <summary>
/// What a group of batches comes to: the records to put in, the ordinals that die, and the changes of the maps. For the write loop alone.
/// </summary>
internal sealed class GroupPlan
{
    private readonly Dictionary<RecordKey, KeyState> _keys = [];
    private readonly Dictionary<string, (string? Before, string? Now)> _metadata = new(StringComparer.Ordinal);
    private readonly List<int> _superseded = [];
    private readonly List<(RecordKey Key, KeyState? State)> _undo = [];
    private readonly List<int> _taken = [];
    private int _supersededBefore;

    public bool TryGetKey(RecordKey key, out KeyState state) => _keys.TryGetValue(key, out state);

    /// <summary>Begins a batch, which may be taken back as a whole.</summary>
    public void BeginBatch()
    {
        _undo.Clear();
        _taken.Clear();
        _supersededBefore = _superseded.Count;
    }

    /// <summary>Takes back what was set since <see cref="BeginBatch"/>; the batch's ordinals go back to their allocator.</summary>
    public void TakeBackBatch(OrdinalAllocator ordinals)
    {
        for (var i = _undo.Count - 1; i >= 0; i--)
        {
            if (_undo[i].State is { } state)
                _keys[_undo[i].Key] = state;
            else
                _keys.Remove(_undo[i].Key);
        }

        _superseded.RemoveRange(_supersededBefore, _superseded.Count - _supersededBefore);
        foreach (var ordinal in _taken)
            ordinals.Return(ordinal);
    }

    /// <summary>Sets what a key has from here on. A record of the group that it had before is never put in.</summary>
    public void SetKey(RecordKey key, KeyState state)
    {
        _undo.Add((key, _keys.TryGetValue(key, out var before) ? before : null));
        if (before.Record is { } superseded)
            _superseded.Add(superseded.Ordinal);
        if (state.Record is { } record)
            _taken.Add(record.Ordinal);
        _keys[key] = state;
    }

    public void SetMetadata(string name, string? value, Func<string, string?> stored) =>
        _metadata[name] = (_metadata.TryGetValue(name, out var known) ? known.Before : stored(name), value);

    /// <summary>The records to put into the views.</summary>
    public List<NewRecord> NewRecords() => [.. _keys.Values.Where(state => state.Record is not null).Select(state => state.Record!)];

    /// <summary>Ordinals that are visible now and no longer after the group.</summary>
    public int[] Dead() =>
        [.. _keys.Values.Where(state => state.Before >= 0 && state.Before != state.Ordinal).Select(state => state.Before)];

    /// <summary>Ordinals that were given out and logged, and are in no view.</summary>
    public IReadOnlyList<int> Superseded => _superseded;

    /// <summary>What the key map must be told.</summary>
    public IEnumerable<(byte[] EncodedKey, int Ordinal)> KeyChanges() =>
        _keys.Values.Where(state => state.Before != state.Ordinal).Select(state => (state.EncodedKey, state.Ordinal));

    /// <summary>What the metadata must be told.</summary>
    public IEnumerable<(string Name, string? Value)> MetadataChanges() => _metadata.Select(entry => (entry.Key, entry.Value.Now));

    /// <summary>What the maps held before.</summary>
    public MomentChanges Changes()
    {
        var keys = new Dictionary<RecordKey, int>(_keys.Count);
        foreach (var (key, state) in _keys)
        {
            if (state.Before != state.Ordinal)
                keys.Add(key, state.Before);
        }

        return new MomentChanges(
            keys,
            _metadata.Count == 0
                ? MomentChanges.None.Metadata
                : _metadata.ToDictionary(entry => entry.Key, entry => entry.Value.Before, StringComparer.Ordinal)
        );
    }
}
