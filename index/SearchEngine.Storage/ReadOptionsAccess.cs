using System.Runtime.CompilerServices;
using FASTER.core;

namespace SearchEngine.Storage;

/// <summary>FASTER reads down to a least address, but has no public way to say which.</summary>
internal static class ReadOptionsAccess
{
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_StopAddress")]
    public static extern void SetStopAddress(ref ReadOptions options, long address);
}
