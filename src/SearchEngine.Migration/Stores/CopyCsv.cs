using System.Text;

namespace SearchEngine.Migration;

/// <summary>
/// The CSV format of PostgreSQL's COPY. Other readers do not tell an empty value (null) from an empty text (two quotes): here they are two
/// things, as PostgreSQL writes them.
/// </summary>
internal sealed class CopyCsv(TextReader reader)
{
    private readonly StringBuilder _value = new();

    /// <summary>The line on which the row that was read last begins, from 1.</summary>
    public long Line { get; private set; }

    private long _next = 1;

    /// <summary>The next row; null at the end.</summary>
    /// <exception cref="MigrationException">Quotes are left open.</exception>
    public List<string?>? Read()
    {
        if (reader.Peek() < 0)
            return null;
        Line = _next;
        var row = new List<string?>();
        while (true)
        {
            row.Add(ReadValue());
            var end = reader.Read();
            if (end == ',')
                continue;
            if (end == '\r' && reader.Peek() == '\n')
                reader.Read();
            _next++;
            return row;
        }
    }

    private string? ReadValue()
    {
        _value.Clear();
        var wasQuoted = false;
        while (reader.Peek() is var next && next is not (-1 or ',' or '\n' or '\r'))
        {
            reader.Read();
            if (next != '"')
            {
                _value.Append((char)next);
                continue;
            }

            wasQuoted = true;
            ReadQuoted();
        }

        return _value.Length == 0 && !wasQuoted ? null : _value.ToString();
    }

    private void ReadQuoted()
    {
        while (true)
        {
            var next = reader.Read();
            if (next < 0)
                throw new MigrationException($"The quotes that begin in the row at line {Line} are never closed.");
            if (next == '\n')
                _next++;
            if (next == '"')
            {
                if (reader.Peek() != '"')
                    return;
                reader.Read();
            }
            _value.Append((char)next);
        }
    }
}
