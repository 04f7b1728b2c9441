using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace SearchEngine.Ingestion;

/// <summary>
/// Names of files on Linux that are not UTF-8, as older systems and archives leave them. The runtime reads their bytes as U+FFFD and then
/// finds no such file; here each such byte is a character of the private use area (U+F780 to U+F7FF), so that a name leads back to its file.
/// A name that has such a character of its own is found as it is.
/// </summary>
internal static class RawNames
{
    private const int Base = 0xF700;
    private const char First = '\uf780';
    private const char Last = '\uf7ff';

    /// <summary>Where a directory entry has its name: the same with glibc and musl on 64 bits.</summary>
    private const int NameOffset = 19;

    /// <summary>For reading, closed in programs that are started.</summary>
    private const int OpenFlags = 0x80000;

    private static bool IsPossible => OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    /// <summary>Whether a path may have bytes that are not UTF-8.</summary>
    internal static bool IsRaw(string path) => IsPossible && path.AsSpan().IndexOfAnyInRange(First, Last) >= 0;

    /// <summary>The path for the system, with a zero byte at its end.</summary>
    internal static byte[] BytesOf(string path)
    {
        if (!IsRaw(path))
        {
            return Encoding.UTF8.GetBytes(path + '\0');
        }

        var bytes = new List<byte>(path.Length + 1);
        Span<byte> buffer = stackalloc byte[4];
        foreach (var rune in path.EnumerateRunes())
        {
            if (rune.Value is >= First and <= Last)
            {
                bytes.Add((byte)(rune.Value - Base));
            }
            else
            {
                bytes.AddRange(buffer[..rune.EncodeToUtf8(buffer)]);
            }
        }

        bytes.Add(0);
        return [.. bytes];
    }

    /// <summary>The name as it can be read: what is not UTF-8 becomes U+FFFD.</summary>
    internal static string Shown(string name) =>
        IsRaw(name) ? string.Concat(name.Select(c => c is >= First and <= Last ? '\ufffd' : c)) : name;

    /// <summary>The paths of all that is in a folder.</summary>
    /// <exception cref="IOException">It cannot be listed.</exception>
    internal static IEnumerable<string> EntriesOf(string folder)
    {
        if (!IsPossible)
        {
            return Directory.EnumerateFileSystemEntries(folder);
        }

        if (IsRaw(folder) && !Directory.Exists(folder))
        {
            return Listed(folder);
        }

        var entries = Directory.GetFileSystemEntries(folder);
        return Array.Exists(entries, entry => entry.Contains('\ufffd', StringComparison.Ordinal)) ? Listed(folder) : entries;
    }

    /// <exception cref="IOException">It cannot be opened.</exception>
    internal static SafeFileHandle Open(string path)
    {
        var descriptor = Open(BytesOf(path), OpenFlags);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new IOException($"It cannot be opened (error {Marshal.GetLastPInvokeError()}).");
    }

    private static List<string> Listed(string folder)
    {
        var directory = OpenDirectory(BytesOf(folder));
        if (directory == 0)
        {
            throw new IOException($"It cannot be opened (error {Marshal.GetLastPInvokeError()}).");
        }

        try
        {
            var entries = new List<string>();
            for (nint entry; (entry = ReadDirectory(directory)) != 0; )
            {
                var length = 0;
                while (Marshal.ReadByte(entry, NameOffset + length) != 0)
                {
                    length++;
                }

                var bytes = new byte[length];
                Marshal.Copy(entry + NameOffset, bytes, 0, length);
                if (NameOf(bytes) is not ("." or "..") and var name)
                {
                    entries.Add(Path.Combine(folder, name));
                }
            }

            return entries;
        }
        finally
        {
            _ = CloseDirectory(directory);
        }
    }

    private static string NameOf(ReadOnlySpan<byte> bytes)
    {
        var name = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var consumed) == System.Buffers.OperationStatus.Done)
            {
                name.Append(rune.ToString());
            }
            else
            {
                foreach (var b in bytes[..consumed])
                {
                    name.Append((char)(Base + b));
                }
            }

            bytes = bytes[consumed..];
        }

        return name.ToString();
    }

    [DllImport("libc", EntryPoint = "opendir", SetLastError = true)]
    private static extern nint OpenDirectory(byte[] name);

    [DllImport("libc", EntryPoint = "readdir")]
    private static extern nint ReadDirectory(nint directory);

    [DllImport("libc", EntryPoint = "closedir")]
    private static extern int CloseDirectory(nint directory);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open(byte[] path, int flags);
}
