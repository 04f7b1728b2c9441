namespace SearchEngine.TestDisks;

/// <summary>
/// A folder: the names in it as every process sees them, those that are on the disk, and what was done to names since. A change of names
/// is on the disk once the folder was flushed; before, a loss of power keeps it or not.
/// </summary>
internal sealed class FolderNode : DiskNode
{
    private readonly Dictionary<string, DiskNode> _names = new(StringComparer.Ordinal);
    private readonly List<NameChange> _unforced = [];
    private Dictionary<string, DiskNode> _durable = new(StringComparer.Ordinal);

    /// <summary>A name that went, one that came with what it leads to, or, in one step, both: a renaming.</summary>
    private sealed record NameChange(string? Removed, string? Made, DiskNode? Node);

    /// <summary>Set where the folder has no parent: the root, and where removed files wait.</summary>
    public string? RootPath { get; init; }

    public override string Path => RootPath ?? base.Path;

    public IReadOnlyCollection<DiskNode> Children => _names.Values;

    public DiskNode? Find(string name) => _names.GetValueOrDefault(name);

    public void Add(DiskNode node)
    {
        Link(node);
        _unforced.Add(new NameChange(null, node.Name, node));
    }

    public void Remove(DiskNode node)
    {
        _names.Remove(node.Name);
        _unforced.Add(new NameChange(node.Name, null, null));
    }

    public void Rename(DiskNode node, string name)
    {
        var old = node.Name;
        _names.Remove(old);
        node.Name = name;
        Link(node);
        _unforced.Add(new NameChange(old, name, node));
    }

    /// <summary>Everything in the folder is on the disk under its name.</summary>
    public void Forced()
    {
        _durable = new Dictionary<string, DiskNode>(_names, StringComparer.Ordinal);
        _unforced.Clear();
    }

    /// <summary>Takes a node in that was there before the simulation began.</summary>
    public void Found(DiskNode node)
    {
        Link(node);
        _durable[node.Name] = node;
    }

    /// <summary>
    /// The names that a loss of power leaves: the durable ones and of the later changes either those up to a moment (as a journal
    /// keeps them) or any of them.
    /// </summary>
    public Dictionary<string, DiskNode> AfterPowerLoss(Random random)
    {
        var names = new Dictionary<string, DiskNode>(_durable, StringComparer.Ordinal);
        var asJournal = random.Next(2) == 0;
        var moment = random.Next(_unforced.Count + 1);
        for (var i = 0; i < _unforced.Count; i++)
        {
            if (asJournal ? i >= moment : random.Next(2) == 0)
                continue;
            if (_unforced[i].Removed is { } removed)
                names.Remove(removed);
            if (_unforced[i].Made is { } made)
                names[made] = _unforced[i].Node!;
        }

        return names;
    }

    private void Link(DiskNode node)
    {
        node.Parent = this;
        _names[node.Name] = node;
    }
}
