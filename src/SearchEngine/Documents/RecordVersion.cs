using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace SearchEngine;

/// <summary>
/// The version of a record, like an HTTP entity tag: it changes with every write of the record and never comes back. Of two versions of
/// one key the later one is larger; beyond that the number means nothing. Survives a restart, a repair and a snapshot; a record that is
/// imported is written anew and has a new one. The records of one <see cref="WriteBatch"/> share a version. Immutable.
/// </summary>
public readonly record struct RecordVersion : IComparable<RecordVersion>
{
    /// <summary>What records have that were written before there were versions.</summary>
    internal static readonly RecordVersion Unversioned = new(1);

    private readonly ulong _number;

    private RecordVersion(ulong number) => _number = number;

    /// <summary>The version of a record that is not there: who expects it inserts, and does not replace.</summary>
    public static RecordVersion None => default;

    /// <summary>Whether this is <see cref="None"/>.</summary>
    public bool IsNone => _number == 0;

    internal ulong Number => _number;

    /// <summary>The version that a batch of the write log gives its records.</summary>
    internal static RecordVersion OfBatch(ulong batch) => new(batch + 2);

    internal static RecordVersion OfNumber(ulong number) => new(number);

    /// <summary>The version of the records that an entry of a shared log wrote, by the entry's position (1 or more).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The position is less than 1.</exception>
    public static RecordVersion OfPosition(long position)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(position, 1);
        return OfBatch((ulong)position);
    }

    /// <summary>The version of a text that <see cref="ToString"/> made.</summary>
    /// <exception cref="FormatException">The text is none.</exception>
    public static RecordVersion Parse(string text) =>
        TryParse(text, out var version)
            ? version
            : throw new FormatException($"'{text}' is no record version: a version is a decimal number as a read returned it.");

    /// <summary>As <see cref="Parse"/>; false where the text is no version.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out RecordVersion version)
    {
        var parsed = ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        version = new RecordVersion(number);
        return parsed;
    }

    /// <inheritdoc />
    public int CompareTo(RecordVersion other) => _number.CompareTo(other._number);

    /// <summary>Whether the left one is the earlier of two versions of a key.</summary>
    public static bool operator <(RecordVersion left, RecordVersion right) => left._number < right._number;

    /// <summary>Whether the left one is the later of two versions of a key.</summary>
    public static bool operator >(RecordVersion left, RecordVersion right) => left._number > right._number;

    /// <summary>Whether the left one is not the later of two versions of a key.</summary>
    public static bool operator <=(RecordVersion left, RecordVersion right) => left._number <= right._number;

    /// <summary>Whether the left one is not the earlier of two versions of a key.</summary>
    public static bool operator >=(RecordVersion left, RecordVersion right) => left._number >= right._number;

    /// <summary>The version as text, for an entity tag or a form.</summary>
    public override string ToString() => _number.ToString(CultureInfo.InvariantCulture);
}
