namespace SearchEngine.Embeddings;

/// <summary>
/// Token texts by id and ids by text. Ids may have holes. Built by the loaders; read-only afterwards, and then thread-safe.
/// </summary>
internal sealed class TokenVocabulary
{
    /// <summary>More tokens than any vocabulary in use; a larger id is damage, not to be met with a huge allocation.</summary>
    public const int MaximumSize = 4_000_000;

    /// <summary>
    /// Longer than any token in use, in chars. Merges are worked out from all ways to cut a token in two, which takes time quadratic in
    /// its length; damage must not make that hours.
    /// </summary>
    public const int MaximumTokenLength = 4096;

    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly HashSet<int> _special = [];
    private string?[] _texts = new string?[1024];

    /// <summary>The largest id plus one.</summary>
    public int Size { get; private set; }

    /// <summary>Adds a token. The first id of a text and the first text of an id stay.</summary>
    /// <exception cref="InvalidDataException">The id is out of range or the text is too long.</exception>
    public void Add(string text, int id)
    {
        if (id is < 0 or >= MaximumSize)
            throw new InvalidDataException($"token '{text}' has the id {id}, which is out of range.");
        if (text.Length > MaximumTokenLength)
            throw new InvalidDataException($"token {id} has {text.Length} characters, more than {MaximumTokenLength}.");
        if (id >= _texts.Length)
            Array.Resize(ref _texts, Math.Max(id + 1, _texts.Length * 2));
        _texts[id] ??= text;
        _ids.TryAdd(text, id);
        Size = Math.Max(Size, id + 1);
    }

    /// <summary>Marks a token as special: never part of a decoded text.</summary>
    public void MarkSpecial(int id) => _special.Add(id);

    /// <summary>True for control tokens.</summary>
    public bool IsSpecial(int id) => _special.Contains(id);

    /// <summary>The id of a token's text, or null.</summary>
    public int? Id(string text) => _ids.TryGetValue(text, out var id) ? id : null;

    /// <summary>The text of an id, or null for a hole or an id outside the vocabulary.</summary>
    public string? Text(int id) => (uint)id < (uint)Size ? _texts[id] : null;
}
