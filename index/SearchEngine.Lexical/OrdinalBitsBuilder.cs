namespace SearchEngine.Lexical;

/// <summary>Collects ordinals into a growing bit set.</summary>
internal struct OrdinalBitsBuilder
{
    private ulong[] _words = new ulong[16];
    private int _length;

    public OrdinalBitsBuilder() { }

    public void Add(int ordinal)
    {
        var word = ordinal >> 6;
        if (word >= _words.Length)
            Array.Resize(ref _words, Math.Max(word + 1, _words.Length * 2));
        _words[word] |= 1UL << ordinal;
        if (ordinal >= _length)
            _length = ordinal + 1;
    }

    public readonly OrdinalBits Build() => new(_words, _length);
}
