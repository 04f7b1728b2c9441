using System.Text;

namespace SearchEngine;

/// <summary>
/// The lines of an export, one at a time. A line has an end before it fills the memory, and is the text that was written: bytes that are no
/// UTF-8 are refused, not replaced. Not thread-safe.
/// </summary>
/// <param name="input">The export; left open.</param>
/// <param name="maxLength">Characters of a line at most.</param>
internal sealed class ExportLines(Stream input, int maxLength) : IDisposable
{
    private const int BufferLength = 32 << 10;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly StreamReader _reader = new(input, Strict, detectEncodingFromByteOrderMarks: false, leaveOpen: true);
    private readonly char[] _buffer = new char[BufferLength];
    private readonly StringBuilder _line = new();
    private int _start;
    private int _end;
    private bool _isFirst = true;

    /// <summary>The number of the line that was read last, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>The next line without its end; null behind the last one.</summary>
    /// <exception cref="FormatException">It is too long, or no UTF-8.</exception>
    public async Task<string?> ReadAsync(CancellationToken cancellationToken)
    {
        Number++;
        _line.Clear();
        while (true)
        {
            if (_start == _end && !await FillAsync(cancellationToken).ConfigureAwait(false))
                return _line.Length == 0 ? null : Take();
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf('\n');
            var taken = length < 0 ? _end - _start : length;
            if (_line.Length > maxLength - taken)
                throw new FormatException($"Line {Number} of the export has more than {maxLength} characters, which is all that is taken.");
            _line.Append(_buffer, _start, taken);
            _start += length < 0 ? taken : taken + 1;
            if (length >= 0)
                return Take();
        }
    }

    public void Dispose() => _reader.Dispose();

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        try
        {
            _start = 0;
            _end = await _reader.ReadAsync(_buffer.AsMemory(), cancellationToken).ConfigureAwait(false);
            if (_isFirst && _end > 0 && _buffer[0] == '\uFEFF')
                _start = 1;
            _isFirst = false;
            return _end > 0;
        }
        catch (DecoderFallbackException e)
        {
            throw new FormatException(
                Number == 1
                    ? "The first line is no header of a collection export: the file is not UTF-8."
                    : $"The export is not valid UTF-8 at or soon behind line {Number}.",
                e
            );
        }
    }

    private string Take()
    {
        if (_line.Length > 0 && _line[^1] == '\r')
            _line.Length--;
        return _line.ToString();
    }
}
