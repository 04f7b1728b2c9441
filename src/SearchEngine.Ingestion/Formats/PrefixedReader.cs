namespace SearchEngine.Ingestion;

/// <summary>Characters that were read ahead, and then the rest of their reader.</summary>
internal sealed class PrefixedReader(string ahead, TextReader rest) : TextReader
{
    private int _at;

    public override int Read(char[] buffer, int index, int count)
    {
        if (_at == ahead.Length)
        {
            return rest.Read(buffer, index, count);
        }

        var length = Math.Min(count, ahead.Length - _at);
        ahead.CopyTo(_at, buffer, index, length);
        _at += length;
        return length;
    }

    public override int Read(Span<char> buffer)
    {
        if (_at == ahead.Length)
        {
            return rest.Read(buffer);
        }

        var length = Math.Min(buffer.Length, ahead.Length - _at);
        ahead.AsSpan(_at, length).CopyTo(buffer);
        _at += length;
        return length;
    }

    public override int Read() => _at < ahead.Length ? ahead[_at++] : rest.Read();

    public override int Peek() => _at < ahead.Length ? ahead[_at] : rest.Peek();
}
