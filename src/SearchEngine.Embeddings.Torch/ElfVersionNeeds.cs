using System.Buffers.Binary;
using System.Text;

namespace SearchEngine.Embeddings.Torch;

/// <summary>
/// Edits the table of symbol versions that a 64-bit little-endian ELF library asks of others (<c>.gnu.version_r</c>; System V ABI,
/// "Symbol Versioning" of the Linux Standard Base).
/// </summary>
internal static class ElfVersionNeeds
{
    private const uint SectionTypeVersionNeeds = 0x6ffffffe;
    private const ushort FlagWeak = 0x2;

    /// <summary>
    /// Marks the named version as weak, so that the loader goes on when the other library does not define it. Nothing else is changed.
    /// </summary>
    /// <param name="library">The whole library file, changed in place.</param>
    /// <param name="version">The version's name, for example "GLIBCXX_3.4.32".</param>
    /// <returns>True if the version was found.</returns>
    /// <exception cref="InvalidDataException">The bytes are not a 64-bit little-endian ELF file, or its tables point outside
    /// it.</exception>
    public static bool MarkWeak(Span<byte> library, string version)
    {
        if (library.Length < 64 || !library[..4].SequenceEqual("\u007fELF"u8) || library[4] != 2 || library[5] != 1)
            throw new InvalidDataException("Not a 64-bit little-endian ELF file.");
        try
        {
            return MarkWeakUnchecked(library, Encoding.ASCII.GetBytes(version));
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or OverflowException)
        {
            throw new InvalidDataException("The ELF file's section or version tables point outside the file.", e);
        }
    }

    private static bool MarkWeakUnchecked(Span<byte> library, ReadOnlySpan<byte> version)
    {
        var sections = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(library[40..]));
        int sectionSize = BinaryPrimitives.ReadUInt16LittleEndian(library[58..]);
        int sectionCount = BinaryPrimitives.ReadUInt16LittleEndian(library[60..]);
        var found = false;
        for (var i = 0; i < sectionCount; i++)
        {
            ReadOnlySpan<byte> section = library.Slice(sections + i * sectionSize, sectionSize);
            if (BinaryPrimitives.ReadUInt32LittleEndian(section[4..]) != SectionTypeVersionNeeds)
                continue;
            var needs = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(section[24..]));
            var linked = (int)BinaryPrimitives.ReadUInt32LittleEndian(section[40..]);
            var needCount = (int)BinaryPrimitives.ReadUInt32LittleEndian(section[44..]);
            ReadOnlySpan<byte> strings = library.Slice(sections + linked * sectionSize, sectionSize);
            var stringStart = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(strings[24..]));

            for (int need = needs, n = 0; n < needCount; n++)
            {
                int auxCount = BinaryPrimitives.ReadUInt16LittleEndian(library[(need + 2)..]);
                var aux = need + (int)BinaryPrimitives.ReadUInt32LittleEndian(library[(need + 8)..]);
                for (var a = 0; a < auxCount; a++)
                {
                    ReadOnlySpan<byte> name = library[(stringStart + (int)BinaryPrimitives.ReadUInt32LittleEndian(library[(aux + 8)..]))..];
                    if (name.StartsWith(version) && name[version.Length] == 0)
                    {
                        var flags = library[(aux + 4)..];
                        BinaryPrimitives.WriteUInt16LittleEndian(
                            flags,
                            (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(flags) | FlagWeak)
                        );
                        found = true;
                    }
                    aux += (int)BinaryPrimitives.ReadUInt32LittleEndian(library[(aux + 12)..]);
                }
                need += (int)BinaryPrimitives.ReadUInt32LittleEndian(library[(need + 12)..]);
            }
        }
        return found;
    }
}
