using System.Security.Cryptography;

namespace SearchEngine.Tests.Durability;

/// <summary>Every file and folder below one, with content and times: two of them are equal where nothing was touched.</summary>
internal static class FolderState
{
    public static IReadOnlyList<string> Of(string directory) =>
        [
            .. Directory
                .EnumerateFileSystemEntries(directory, "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(path =>
                    Directory.Exists(path)
                        ? $"{path} {Directory.GetLastWriteTimeUtc(path).Ticks}"
                        : $"{path} {File.GetLastWriteTimeUtc(path).Ticks} {new FileInfo(path).Length} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))}"
                ),
        ];
}
