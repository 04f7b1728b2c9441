using System.Runtime.InteropServices;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Storage.Tests;

public sealed class LockReleaseTests
{
    /// <summary>A program that is being started has a duplicate of every handle for a moment: the lock must not outlive its owner in it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_lock_that_is_given_up_is_gone_whoever_else_has_its_handle(bool forReading)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Handles are found by /proc.");
        using var directory = new TemporaryDirectory();
        DatabaseLock.Acquire(directory.FullPath).Dispose();
        var held = forReading ? DatabaseLock.AcquireForReading(directory.FullPath)! : DatabaseLock.Acquire(directory.FullPath);
        var copies = OpenFiles.Below(directory.FullPath).Select(Duplicate).ToList();
        try
        {
            Assert.NotEmpty(copies);
            Assert.Throws<DatabaseInUseException>(() => DatabaseLock.Acquire(directory.FullPath));
            held.Dispose();
            DatabaseLock.Acquire(directory.FullPath).Dispose();
        }
        finally
        {
            held.Dispose();
            foreach (var copy in copies)
                _ = Close(copy);
        }
    }

    [DllImport("libc", EntryPoint = "dup")]
    private static extern int Duplicate(int descriptor);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int descriptor);
}
