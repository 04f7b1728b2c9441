namespace SearchEngine.Distributed.Log;

/// <summary>
/// How far a reader has got in a shard's log: the last entry that it took, by position and id. The id shows whether the log still is the
/// one that was read: after a failover to a server that had not everything, another entry may stand at that position. A value.
/// </summary>
/// <param name="Position">The last position taken; 0 before the first.</param>
/// <param name="Id">That entry's id; empty before the first.</param>
public readonly record struct LogCursor(long Position, Guid Id)
{
    /// <summary>Before the first entry.</summary>
    public static LogCursor Beginning => default;

    /// <summary>As text, for <see cref="Parse"/>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Position} {Id:N}");

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException">It did not write this.</exception>
    public static LogCursor Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split(' ');
        return
            parts.Length == 2
            && long.TryParse(
                parts[0],
                System.Globalization.NumberStyles.None,
                System.Globalization.CultureInfo.InvariantCulture,
                out var position
            )
            && Guid.TryParseExact(parts[1], "N", out var id)
            ? new LogCursor(position, id)
            : throw new FormatException($"'{text}' is no position of a shared log: it is a number and an id.");
    }
}
