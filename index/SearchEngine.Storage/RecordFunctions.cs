using FASTER.core;

namespace SearchEngine.Storage;

/// <summary>
/// FASTER's callbacks. Values are never changed in place: a reader can then never see half of an update, and no locks are needed.
/// </summary>
internal sealed class RecordFunctions : SpanByteFunctions<SpanByte, RecordBuffer, Empty>
{
    public override bool SingleReader(ref SpanByte key, ref SpanByte input, ref SpanByte value, ref RecordBuffer dst, ref ReadInfo readInfo)
    {
        dst.Accept(value.AsReadOnlySpan(), readInfo.Address);
        return true;
    }

    public override bool ConcurrentReader(
        ref SpanByte key,
        ref SpanByte input,
        ref SpanByte value,
        ref RecordBuffer dst,
        ref ReadInfo readInfo
    )
    {
        dst.Accept(value.AsReadOnlySpan(), readInfo.Address);
        return true;
    }

    public override bool ConcurrentWriter(
        ref SpanByte key,
        ref SpanByte input,
        ref SpanByte src,
        ref SpanByte dst,
        ref RecordBuffer output,
        ref UpsertInfo upsertInfo
    ) => false;

    public override void ReadCompletionCallback(
        ref SpanByte key,
        ref SpanByte input,
        ref RecordBuffer output,
        Empty ctx,
        Status status,
        RecordMetadata recordMetadata
    ) => output.CompletedFound = status.Found;
}
