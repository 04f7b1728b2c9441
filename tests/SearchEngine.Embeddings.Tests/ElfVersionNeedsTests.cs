using Xunit;

namespace SearchEngine.Embeddings.Tests;

public class ElfVersionNeedsTests
{
    [Fact]
    public void OnlyTheNamedVersionBecomesWeak()
    {
        if (!OperatingSystem.IsLinux())
            return; // the library under test is Linux's
        var path = Directory.EnumerateFiles(AppContext.BaseDirectory, "libLibTorchSharp.so", SearchOption.AllDirectories).First();
        var original = File.ReadAllBytes(path);
        byte[] patched = [.. original];
        Assert.True(ElfVersionNeeds.MarkWeak(patched, "GLIBCXX_3.4.32"));
        int[] changed = [.. Enumerable.Range(0, original.Length).Where(i => original[i] != patched[i])];
        Assert.Single(changed);
        Assert.Equal(original[changed[0]] | 0x2, patched[changed[0]]);
        Assert.False(ElfVersionNeeds.MarkWeak(patched, "GLIBCXX_9.9"));
        Assert.False(ElfVersionNeeds.MarkWeak(patched, "GLIBCXX_3.4.3")); // a prefix is another version
    }

    [Fact]
    public void OtherBytesAreRefused()
    {
        Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MarkWeak(new byte[10], "A"));
        Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MarkWeak(new byte[100], "A"));
        var hostile = new byte[64];
        "\u007fELF"u8.CopyTo(hostile);
        hostile[4] = 2;
        hostile[5] = 1;
        hostile.AsSpan(40, 8).Fill(0x7f); // section table far outside
        hostile[58] = 64;
        hostile[60] = 3;
        Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MarkWeak(hostile, "A"));
    }
}
