namespace Ice;

/// <summary>Takes application datagrams as they arrive, without a copy, with what is known of them.</summary>
/// <remarks>Called as <see cref="IceDatagramHandler"/> is: on the receive loop; it must not block and must not keep the span.</remarks>
/// <param name="component">The component.</param>
/// <param name="datagram">The datagram; valid only during the call.</param>
/// <param name="received">Its sender and its traffic class.</param>
public delegate void IceMarkedDatagramHandler(IceComponent component, ReadOnlySpan<byte> datagram, IceReceiveResult received);
