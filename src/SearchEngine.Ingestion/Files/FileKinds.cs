using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace SearchEngine.Ingestion;

/// <summary>
/// Tells regular files from pipes, sockets and devices, which .NET does not (to it they exist like files, and opening a pipe blocks for
/// ever). Asks the system by <c>statx</c> on Linux, whose layout is the same for all processors, and by <c>lstat</c> on macOS.
/// </summary>
internal static class FileKinds
{
    private const int AtCurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const uint TypeMask = 1;
    private const int StatxModeOffset = 28;
    private const int MacModeOffset = 4;

    private static bool _cannotAsk;

    /// <summary>The kind of what is at a path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="follow">Whether a link counts as what it leads to.</param>
    internal static FileKind Of(string path, bool follow = false)
    {
        if (!_cannotAsk && !OperatingSystem.IsWindows())
        {
            try
            {
                if (OfMode(RawNames.BytesOf(path), follow) is { } mode)
                {
                    return mode;
                }
            }
            catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
            {
                _cannotAsk = true;
            }
        }

        var info = new FileInfo(path);
        return info.Attributes == (FileAttributes)(-1) ? FileKind.Missing
            : !follow && info.Attributes.HasFlag(FileAttributes.ReparsePoint) ? FileKind.Link
            : info.Attributes.HasFlag(FileAttributes.Directory) ? FileKind.Folder
            : info.Attributes.HasFlag(FileAttributes.Device) ? FileKind.Special
            : FileKind.Regular;
    }

    private static FileKind? OfMode(byte[] path, bool follow)
    {
        var buffer = new byte[512];
        int result;
        int offset;
        if (OperatingSystem.IsLinux())
        {
            result = Statx(AtCurrentFolder, path, follow ? 0 : NoFollow, TypeMask, buffer);
            offset = StatxModeOffset;
        }
        else if (OperatingSystem.IsMacOS() && RuntimeInformation.ProcessArchitecture == Architecture.Arm64)
        {
            result = follow ? Stat(path, buffer) : Lstat(path, buffer);
            offset = MacModeOffset;
        }
        else
        {
            return null;
        }

        if (result != 0)
        {
            return null;
        }

        return (BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(offset)) & 0xF000) switch
        {
            0x8000 => FileKind.Regular,
            0x4000 => FileKind.Folder,
            0xA000 => FileKind.Link,
            _ => FileKind.Special,
        };
    }

    [DllImport("libc", EntryPoint = "statx")]
    private static extern int Statx(int folder, byte[] path, int flags, uint mask, byte[] buffer);

    [DllImport("libc", EntryPoint = "lstat")]
    private static extern int Lstat(byte[] path, byte[] buffer);

    [DllImport("libc", EntryPoint = "stat")]
    private static extern int Stat(byte[] path, byte[] buffer);
}
